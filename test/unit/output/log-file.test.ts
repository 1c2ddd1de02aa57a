import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { appendToLog } from '../../../src/output/log-file.ts';

test('a log keeps its recent lines, whole, and stays below its limit', () => {
  const folder = mkdtempSync(join(tmpdir(), 'draft-connect-test-'));
  const path = join(folder, 'log');
  const fd = openSync(path, 'ax+');
  for (let index = 1; index <= 500; index += 1) {
    appendToLog(fd, `line ${index}\n`, 4000);
    assert.ok(statSync(path).size <= 4000);
    const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
    const first = index + 1 - lines.length;
    assert.deepEqual(
      lines.map((line) => line.replace(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z /, '')),
      lines.map((_, at) => `line ${first + at}`),
    );
  }
  closeSync(fd);
  rmSync(folder, { recursive: true });
});
