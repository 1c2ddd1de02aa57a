import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextRebuild, type RebuildEvent, type RebuildState } from '../../../../src/up/core/rebuild.ts';

const idle: RebuildState = { kind: 'idle' };
const settling = (untilMs: number): RebuildState => ({ kind: 'settling', untilMs });
const building = (untilMs?: number): RebuildState => ({ kind: 'building', untilMs });

const cases: readonly (readonly [title: string, RebuildState, RebuildEvent, nowMs: number, RebuildState])[] = [
  ['the first change begins to settle', idle, 'changed', 100, settling(2100)],
  ['a further change settles anew', settling(2100), 'changed', 900, settling(2900)],
  ['a timer of before is too early', settling(2900), 'timer', 2100, settling(2900)],
  ['what has settled is built', settling(2900), 'timer', 2900, building()],
  ['a change during a build is kept', building(), 'changed', 3000, building(5000)],
  ['many changes during a build are one', building(5000), 'changed', 3100, building(5100)],
  ['a build without changes ends idle', building(), 'built', 4000, idle],
  ['a build with changes is followed by another', building(5100), 'built', 4000, settling(5100)],
  ['a timer during a build means nothing', building(), 'timer', 4000, building()],
  ['a timer without a change means nothing', idle, 'timer', 4000, idle],
  ['an end without a build means nothing', settling(1), 'built', 4000, settling(1)],
];
for (const [title, state, event, nowMs, expected] of cases) {
  test(title, () => assert.deepEqual(nextRebuild(state, event, nowMs, 2000), expected));
}
