import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ContainerNames } from '../../../../src/output/core/prefix.ts';

const plain = (columns?: number) => new ContainerNames({ colors: undefined, columns });
const textOf = ({ bytes }: { bytes: Uint8Array }) => Buffer.from(bytes).toString();

test('without colour the prefix is the name in brackets', () => {
  const names = plain();
  assert.equal(names.render('multi-port'), 'multi-port');
  assert.equal(textOf(names.prefixOf('multi-port')), '[multi-port]: ');
  assert.equal(textOf(names.prefixOf('go')), '[go]: ');
});

test('prefix and name share one colour', () => {
  const names = new ContainerNames({ colors: ['35'], columns: undefined });
  assert.equal(names.render('go'), '\x1b[35mgo\x1b[0m');
  assert.equal(textOf(names.prefixOf('go')), '\x1b[35m[go]:\x1b[0m ');
});

test('containers of one pod have colours of their own', () => {
  const names = new ContainerNames({ colors: ['35', '94'], columns: undefined });
  names.introduce(['a', 'b']);
  assert.notEqual(names.render('a').replace('a\x1b', '\x1b'), names.render('b').replace('b\x1b', '\x1b'));
});

const LONG = 'a-container-with-a-very-long-name';
const WIDTHS: readonly (readonly [columns: number, names: readonly string[], prefixes: readonly string[]])[] = [
  [80, ['go', 'multi-port'], ['[go]:         ', '[multi-port]: ']],
  [80, ['multi-port', 'go'], ['[multi-port]: ', '[go]:         ']],
  [80, ['go'], ['[go]: ']],
  [200, ['go', LONG], [`[go]:${' '.repeat(20)}`, `[${LONG}]: `]],
  [80, ['go', LONG], [`[go]:${' '.repeat(16)}`, `[${LONG}]: `]],
  [40, ['go', 'multi-port'], ['[go]:      ', '[multi-port]: ']],
  [10, ['go', 'multi-port'], ['[go]: ', '[multi-port]: ']],
];
for (const [columns, given, prefixes] of WIDTHS) {
  test(`on ${columns} columns the prefixes of ${given.join(' and ')} are aligned`, () => {
    const names = plain(columns);
    const made = given.map((name) => names.prefixOf(name));
    assert.deepEqual(made.map(textOf), prefixes);
  });
}
