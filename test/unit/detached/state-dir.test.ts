import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeWhole } from '../../../src/detached/state-dir.ts';

test('a file that cannot be written leaves no half of it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'draft-connect-test-'));
  const path = join(folder, 'taken');
  mkdirSync(path);
  assert.throws(() => writeWhole(path, 'x'), { name: 'UserError' });
  assert.equal(existsSync(`${path}.new`), false);
  rmSync(folder, { recursive: true });
});
