// The tables of flags in README.md and docs/ against the list that the program has. `npm run check` runs this, too.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { FILES, withFlagTables } from '../../scripts/flag-table.ts';

for (const file of Object.keys(FILES)) {
  test(`the tables of flags in ${file} are those that the program has`, () => {
    const text = readFileSync(fileURLToPath(new URL(`../../${file}`, import.meta.url)), 'utf8');
    assert.ok(text === withFlagTables(file, text), 'stale: run node --import tsx scripts/flag-table.ts');
  });
}

test('a table that misses its place is an error', () => {
  assert.throws(() => withFlagTables('README.md', 'nothing here'), /README\.md has no <!-- flags of a session/);
});
