// Archives as other programs read them.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type ArchivedFile, tarGz, zip } from '../../scripts/package/archive.ts';
import { withoutSignature } from '../../scripts/package/executable.ts';
import { makeFolder } from '../harness/program.ts';
import { missing } from '../harness/tools.ts';

const TIME = new Date('2026-11-27T14:52:10Z');
const FILES: readonly ArchivedFile[] = [
  { name: 'program', bytes: Buffer.from('#!/bin/sh\nexit 0\n'), isExecutable: true },
  { name: 'EMPTY', bytes: Buffer.alloc(0), isExecutable: false },
  { name: 'LARGE', bytes: Buffer.alloc(1_000_000, 'abcdefg'), isExecutable: false },
];

for (const [title, write, read] of [
  ['tar', tarGz, ['tar', '-xzf']],
  ['unzip', zip, ['unzip', '-qq']],
] as const) {
  test(`${title} finds files, modes and times as they were put in`, { skip: missing(title) }, (t) => {
    const folder = makeFolder();
    t.after(() => folder.remove());
    const archive = join(folder.path, 'archive');
    writeFileSync(archive, write(FILES, TIME));
    const [program, flag] = read;
    execFileSync(program, [flag, archive], { cwd: folder.path, env: { ...process.env, TZ: 'UTC' } });
    for (const { name, bytes, isExecutable } of FILES) {
      const path = join(folder.path, name);
      assert.deepEqual(readFileSync(path), bytes, name);
      assert.equal(statSync(path).mode & 0o777, isExecutable ? 0o755 : 0o644, name);
      assert.equal(statSync(path).mtimeMs, TIME.getTime(), name);
    }
  });
}

test('a signature is taken from a Windows executable, and nothing else', () => {
  const header = 0x80;
  const bytes = Buffer.alloc(1024, 1);
  bytes.writeUInt32LE(header, 0x3c);
  const entry = header + 24 + 112 + 4 * 8;
  bytes.writeUInt32LE(1000, entry);
  bytes.writeUInt32LE(24, entry + 4);
  const unsigned = withoutSignature(bytes);
  assert.equal(unsigned.length, 1000);
  assert.deepEqual(unsigned.subarray(entry, entry + 8), Buffer.alloc(8));
  assert.deepEqual(unsigned.subarray(entry + 8), bytes.subarray(entry + 8, 1000));
  assert.equal(withoutSignature(unsigned), unsigned);
});
