import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderTable } from '../../../src/values/table.ts';

const CASES: readonly [title: string, header: string[], rows: string[][], lines: string[]][] = [
  ['only a header', ['ID', 'APP'], [], ['ID   APP']],
  ['columns as wide as their longest cell', ['ID', 'APP'], [['abcdef', 'web']], ['ID       APP', 'abcdef   web']],
  [
    'empty cells as kubectl shows them',
    ['ID', 'POD', 'AGE'],
    [['a', '', '1s']],
    ['ID   POD      AGE', 'a    <none>   1s'],
  ],
  ['no blanks at the end of a line', ['A', 'LONG HEADER'], [['1', 'x']], ['A   LONG HEADER', '1   x']],
];

for (const [title, header, rows, lines] of CASES) {
  test(`a table has ${title}`, () => assert.equal(renderTable(header, rows), `${lines.join('\n')}\n`));
}
