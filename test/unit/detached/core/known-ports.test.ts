import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeKnownPorts, type KnownPort, portsFor, withUsed } from '../../../../src/detached/core/known-ports.ts';
import { UserError } from '../../../../src/values/errors.ts';

const DAY = 24 * 3600 * 1000;
const NOW = 1_000 * DAY;
const KEY = { context: 'west', namespace: 'prod', app: 'shop', container: 'web', remotePort: 80 };
const port = (localPort: number, more: Partial<KnownPort> = {}): KnownPort => ({
  ...KEY,
  localPort,
  usedMs: NOW - 2 * DAY,
  ...more,
});

const RECALLED: readonly [title: string, known: readonly KnownPort[], ports: number[]][] = [
  ['nothing', [], []],
  ['one port', [port(40_001)], [40_001]],
  ['the ports of sessions that ran at the same time, in order', [port(40_002), port(40_001)], [40_002, 40_001]],
  ['a port of 89 days ago', [port(40_001, { usedMs: NOW - 89 * DAY })], [40_001]],
  ['no port of 90 days ago', [port(40_001, { usedMs: NOW - 90 * DAY })], []],
  ['no port of a clock that was wrong', [port(40_001, { usedMs: NOW + 90 * DAY })], []],
  ['no port of another context', [port(40_001, { context: 'east' })], []],
  ['no port without a context', [port(40_001, { context: undefined })], []],
  ['no port of another namespace', [port(40_001, { namespace: 'test' })], []],
  ['no port of another app', [port(40_001, { app: 'other' })], []],
  ['no port of another container', [port(40_001, { container: 'db' })], []],
  ['no port for another remote one', [port(40_001, { remotePort: 81 })], []],
];
for (const [title, known, ports] of RECALLED) {
  test(`an app gets back ${title}`, () => assert.deepEqual(portsFor(known, KEY, NOW), ports));
}

const used = (localPort: number) => ({ ...KEY, localPort });
const eight = Array.from({ length: 8 }, (_, index) => port(40_000 + index, { usedMs: NOW - (30 - index) * DAY }));
const REMEMBERED: readonly [title: string, known: readonly KnownPort[], localPort: number, after: KnownPort[]][] = [
  ['the first port', [], 40_001, [port(40_001, { usedMs: NOW })]],
  ['a second one behind the first', [port(40_001)], 40_002, [port(40_001), port(40_002, { usedMs: NOW })]],
  ['that a port is still used', [port(40_001), port(40_002)], 40_001, [port(40_001, { usedMs: NOW }), port(40_002)]],
  ['no ports of long ago', [port(40_009, { app: 'x', usedMs: 0 })], 40_001, [port(40_001, { usedMs: NOW })]],
  ['the latest eight for one remote port', eight, 40_050, [...eight.slice(1), port(40_050, { usedMs: NOW })]],
];
for (const [title, known, localPort, after] of REMEMBERED) {
  test(`it remembers ${title}`, () => assert.deepEqual(withUsed(known, [used(localPort)], NOW), after));
}

test('nothing is to be written for a port that was used within a day', () => {
  const known = [port(40_001, { usedMs: NOW - DAY + 1 })];
  assert.equal(withUsed(known, [used(40_001)], NOW), known);
});

test('of very many ports the latest are remembered', () => {
  const many = Array.from({ length: 2_000 }, (_, index) =>
    port(40_001, { remotePort: index + 100, usedMs: NOW - DAY }),
  );
  const after = withUsed(many, [used(40_001)], NOW);
  assert.deepEqual([after.length, after[0]], [2_000, port(40_001, { usedMs: NOW })]);
});

test('ports are read as they were written', () => {
  const known = [port(40_001), port(40_002, { context: undefined, namespace: undefined })];
  assert.deepEqual(decodeKnownPorts(JSON.parse(JSON.stringify(known)), ''), known);
});

const ODD: readonly [title: string, value: unknown][] = [
  ['an object', {}],
  ['a port that needs privileges', [port(80)]],
  ['a port beyond all', [port(65_536)]],
  ['half a port', [port(4000.5)]],
  ['an entry without an app', [{ ...port(40_001), app: undefined }]],
  ['an entry without a time', [{ ...port(40_001), usedMs: 'yesterday' }]],
];
for (const [title, value] of ODD) {
  test(`${title} is not a list of known ports`, () => assert.throws(() => decodeKnownPorts(value, ''), UserError));
}
