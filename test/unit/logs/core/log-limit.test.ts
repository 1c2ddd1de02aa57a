import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MOST_LOGS, withinLimit } from '../../../../src/logs/core/log-limit.ts';

const CASES: readonly (readonly [
  title: string,
  logs: readonly number[],
  count: number,
  open: string[],
  uids: string[],
])[] = [
  ['all while there is room', [1, 2], 0, [], ['0', '1']],
  ['none beyond the limit', [1, 1, 1], MOST_LOGS - 2, [], ['0', '1']],
  ['no pod of which only some logs have room', [3, 1], MOST_LOGS - 2, [], ['1']],
  ['those that are open, whatever the limit', [1, 1], MOST_LOGS, ['1'], ['1']],
];
for (const [title, logs, count, open, uids] of CASES) {
  test(`of several pods' logs are shown ${title}`, () => {
    const pods = logs.map((number, index) => ({ uid: String(index), logs: number }));
    const within = withinLimit(pods, { count, uids: new Set(open) });
    assert.deepEqual(
      within.map(({ uid }) => uid),
      uids,
    );
  });
}
