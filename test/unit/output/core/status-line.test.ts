import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Weight } from '../../../../src/output/core/messages.ts';
import { BASIC_COLORS, INDEXED_COLORS } from '../../../../src/output/core/palette.ts';
import { renderStatus } from '../../../../src/output/core/status-line.ts';

const CASES: readonly (readonly [
  where: string,
  colors: readonly string[] | undefined,
  weight: Weight,
  line: string,
])[] = [
  ['of 256 colours', INDEXED_COLORS, 'news', '\x1b[38;5;244m* it is back\x1b[0m'],
  ['of 256 colours', INDEXED_COLORS, 'trouble', '\x1b[1m! it is back\x1b[0m'],
  ['of 256 colours', INDEXED_COLORS, 'loss', '\x1b[1m! it is back\x1b[0m'],
  // Its gray is not legible everywhere.
  ['of 16 colours', BASIC_COLORS, 'news', '* it is back'],
  ['of 16 colours', BASIC_COLORS, 'trouble', '\x1b[1m! it is back\x1b[0m'],
  ['without colours', undefined, 'news', '* it is back'],
  ['without colours', undefined, 'loss', '! it is back'],
];
for (const [where, colors, weight, line] of CASES) {
  test(`${weight} on a terminal ${where}`, () => {
    assert.equal(renderStatus('it is back', weight, { terminal: true, colors, columns: 80, links: false }), line);
  });
}

test('anywhere else a status line is the line alone', () => {
  for (const colors of [undefined, INDEXED_COLORS]) {
    const appearance = { terminal: false, colors, columns: undefined, links: false };
    assert.equal(renderStatus('it is back', 'loss', appearance), 'it is back');
  }
});

test('a status line is one line that no terminal obeys, whatever the cluster or a kubeconfig says', () => {
  for (const terminal of [true, false]) {
    const appearance = { terminal, colors: undefined, columns: 80, links: false };
    const line = renderStatus('pod web-1 (context a\nb\x1b[2J)', 'news', appearance);
    assert.equal(line.replace('* ', ''), 'pod web-1 (context a b [2J)');
  }
});
