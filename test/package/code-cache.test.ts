// What V8 made of the program is kept between runs, and nothing that lies in its place can hurt.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { BUNDLE } from '../harness/program.ts';

const home = mkdtempSync(join(tmpdir(), 'draft-connect-cache-'));
after(() => rmSync(home, { recursive: true, force: true }));

/** A usage error loads the largest part of the command line. */
function ask(caches: string): void {
  const env = { ...process.env, XDG_STATE_HOME: caches };
  const { status, stderr } = spawnSync(process.execPath, [BUNDLE, '--no-such-flag'], { env, encoding: 'utf8' });
  assert.equal(stderr.split('\n')[0], 'Error: unknown flag: --no-such-flag');
  assert.equal(status, 2);
}

function onlyFile(caches: string): string {
  const names = readdirSync(join(caches, 'draft-connect', 'code'));
  assert.equal(names.length, 1, names.join(' '));
  return join(caches, 'draft-connect', 'code', names[0] ?? '');
}

test('the first run writes a private cache and the next one leaves it as it is', () => {
  const caches = join(home, 'fresh');
  ask(caches);
  const file = onlyFile(caches);
  const { mode, mtimeMs, size } = statSync(file);
  assert.equal(mode & 0o777, 0o600);
  assert.equal(statSync(join(caches, 'draft-connect', 'code')).mode & 0o777, 0o700);
  assert.ok(size > 10_000);
  ask(caches);
  assert.equal(statSync(onlyFile(caches)).mtimeMs, mtimeMs);
});

const DAMAGES: readonly (readonly [what: string, damage: (file: string) => void])[] = [
  ['is empty', (file) => writeFileSync(file, '')],
  ['was cut', (file) => writeFileSync(file, readFileSync(file).subarray(0, 5000))],
  [
    'was made from another text',
    (file) => writeFileSync(file, Buffer.concat([Buffer.alloc(64, 'x'), readFileSync(file).subarray(64)])),
  ],
  ['was made by another V8', (file) => writeFileSync(file, readFileSync(file).fill(7, 64, 96))],
  ['may be written by others', (file) => chmodSync(file, 0o666)],
];
for (const [what, damage] of DAMAGES) {
  test(`a cache that ${what} is not used but replaced`, () => {
    const caches = join(home, what);
    ask(caches);
    const whole = statSync(onlyFile(caches)).size;
    damage(onlyFile(caches));
    ask(caches);
    const file = onlyFile(caches);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.ok(statSync(file).size > whole / 2);
  });
}

test('a link in its place is not followed', () => {
  const caches = join(home, 'link');
  ask(caches);
  const file = onlyFile(caches);
  const target = join(home, 'target');
  writeFileSync(target, 'mine');
  rmSync(file);
  symlinkSync(target, file);
  ask(caches);
  assert.equal(readFileSync(target, 'utf8'), 'mine');
});

test('a cache that cannot take its place leaves nothing behind', () => {
  const caches = join(home, 'occupied');
  ask(caches);
  const file = onlyFile(caches);
  rmSync(file);
  mkdirSync(file);
  ask(caches);
  assert.equal(onlyFile(caches), file);
});

test('a cache directory that cannot be had is no reason to say anything', () => ask('/dev/null/nowhere'));
