import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Availability } from '../../../../src/pods/core/availability.ts';
import { HANDOVER_MS, route, type Situation } from '../../../../src/tunnels/core/route.ts';

const SITUATION: Situation = { waitedMs: 0, holdMs: 1_000, sinceHandoverMs: Number.POSITIVE_INFINITY };

/** `old open, new! open mute`: oldest first, `!` is the one that is followed, `mute` does not listen. */
function candidates(text: string) {
  return text.split(', ').map((entry) => {
    const [name = '', availability = '', mute] = entry.split(' ');
    return {
      name: name.replace('!', ''),
      availability: availability as Availability,
      listening: mute === undefined,
      isTarget: name.endsWith('!'),
    };
  });
}

const CASES: readonly (readonly [pods: string, Partial<Situation>, expected: string | undefined])[] = [
  ['web! open', {}, 'web'],
  ['web! open mute', {}, undefined],
  ['web! down', {}, undefined],
  ['old open, new! open', {}, 'new'],
  ['old open, new! open mute', {}, 'old'],
  ['old open, new! open mute', { sinceHandoverMs: HANDOVER_MS - 1 }, undefined],
  ['old open, new! open mute', { sinceHandoverMs: HANDOVER_MS }, 'old'],
  ['old open, new! open mute', { sinceHandoverMs: 0, holdMs: 0 }, 'old'],
  ['old open, new! down', { sinceHandoverMs: 0 }, 'old'],
  ['old terminating, new! open mute', {}, undefined],
  ['web! terminating', { waitedMs: 499 }, undefined],
  ['web! terminating', { waitedMs: 500 }, 'web'],
  ['web! terminating mute', { waitedMs: 999 }, undefined],
  ['older terminating, old! terminating', { waitedMs: 500 }, 'old'],
  ['older open, old! terminating', { waitedMs: 500 }, 'older'],
  ['oldest open, older open, old! down', {}, 'older'],
];
for (const [pods, changes, expected] of CASES) {
  test(`${pods} ${JSON.stringify(changes)}: ${expected ?? 'nobody'}`, () => {
    assert.equal(route(candidates(pods), { ...SITUATION, ...changes })?.name, expected);
  });
}
