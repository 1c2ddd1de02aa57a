import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Endpoint, inodeIn, keysOf, nextLookMs } from '../../../../src/tunnels/core/tcp-table.ts';

const inodeOf = (text: string, local: Endpoint, remote: Endpoint, order?: 'BE') =>
  inodeIn(text, keysOf(local, remote, order));

const HEAD =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode                                                     \n';
const row = (local: string, remote: string, state: string, inode: number) =>
  `   3: ${local} ${remote} ${state} 00000000:00000000 00:00000000 00000000  1000        0 ${inode} 1 0000000000000000 20 4 30 10 -1                     \n`;

const V4 = `${HEAD}${row('0100007F:A3F4', '0100007F:1F90', '05', 0)}${row('0100007F:A3F5', '0100007F:1F90', '05', 4242)}`;
const V6 = `${HEAD}${row('00000000000000000000000001000000:A3F6', '00000000000000000000000001000000:1F90', '01', 77)}${row(
  '0000000000000000FFFF00000100007F:A3F7',
  '0000000000000000FFFF00000100007F:1F90',
  '05',
  88,
)}`;

const CASES: readonly (readonly [title: string, address: string, port: number, expected: number | undefined])[] = [
  ['one that its program has closed', '127.0.0.1', 0xa3f4, 0],
  ['one that has only ended its side', '127.0.0.1', 0xa3f5, 4242],
  ['one of IPv6', '::1', 0xa3f6, 77],
  ['one that speaks IPv4 through a socket of IPv6', '127.0.0.1', 0xa3f7, 88],
  ['one of another machine', '10.0.0.7', 0xa3f4, undefined],
  ['one on another port', '127.0.0.1', 0xa3f8, undefined],
];
for (const [title, address, port, expected] of CASES) {
  test(`the table has ${title}: ${expected}`, () => {
    assert.equal(inodeOf(V4 + V6, { address, port }, { address, port: 0x1f90 }), expected);
  });
}

/** Twenty ends a second, each asked about when it comes: the longest that one waits for its answer. */
function longestWaitMs(tookMs: number): number {
  let last = { endedMs: 0, tookMs: 0 };
  let longestMs = 0;
  for (let cameMs = 1_000; cameMs < 14_000; cameMs += 50) {
    if (cameMs <= last.endedMs - tookMs) continue;
    const beginsMs = nextLookMs(last, 0, Math.max(cameMs, last.endedMs));
    last = { endedMs: beginsMs + tookMs, tookMs };
    longestMs = Math.max(longestMs, last.endedMs - cameMs);
  }
  return longestMs;
}

for (const tookMs of [0.2, 10, 30, 60, 200]) {
  test(`the tables take ${tookMs} ms: an end is heard within three readings`, () => {
    assert.ok(longestWaitMs(tookMs) <= 3 * tookMs + 1, `${longestWaitMs(tookMs)} ms`);
  });
}

const AFTER_ALL: readonly (readonly [looks: number, nowMs: number, expected: number])[] = [
  [0, 1_000, 1_001],
  [1, 1_000, 1_020],
  [2, 1_000, 2_000],
  [9, 1_000, 2_000],
  [0, 130, 140],
];
for (const [looks, nowMs, expected] of AFTER_ALL) {
  test(`after ${looks} looks, at ${nowMs} ms, the next one is due at ${expected} ms`, () => {
    assert.equal(nextLookMs({ endedMs: 120, tookMs: 20 }, looks, nowMs), expected);
  });
}

test('long addresses of IPv6, and the other order of bytes', () => {
  const row6 = row('FD000000000000000000000000001234:0050', '00000000000000000000000000000001:0051', '01', 9);
  const local = { address: 'fd00::1234%eth0', port: 0x50 };
  assert.equal(inodeOf(row6, local, { address: '::1', port: 0x51 }, 'BE'), 9);
  const little = row6.replace('FD000000000000000000000000001234', '000000FD000000000000000034120000');
  assert.equal(
    inodeOf(little.replace('00000000000000000000000000000001', '00000000000000000000000001000000'), local, {
      address: '::1',
      port: 0x51,
    }),
    9,
  );
});
