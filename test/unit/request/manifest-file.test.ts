import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { findManifest, readManifest } from '../../../src/request/manifest-file.ts';
import { EXIT, UserError } from '../../../src/values/errors.ts';

const root = mkdtempSync(join(tmpdir(), 'manifest-file-'));
after(() => rmSync(root, { recursive: true, force: true }));

const TEXT = `[environments]
  [environments.development]
    name = "example-go"
    override-ports = ["8080:8080", "9090:80", "9191:81"]
`;
const TREE = {
  environments: { development: { name: 'example-go', 'override-ports': ['8080:8080', '9090:80', '9191:81'] } },
};

test('the nearest draft.toml is found from the directory upwards', () => {
  const nested = join(root, 'app/src/deep');
  mkdirSync(nested, { recursive: true });
  writeFileSync(join(root, 'draft.toml'), TEXT);
  assert.equal(findManifest(nested), join(root, 'draft.toml'));
  writeFileSync(join(root, 'app/draft.toml'), TEXT);
  assert.equal(findManifest(nested), join(root, 'app/draft.toml'));
  // neither a directory of that name nor a link to nothing is one
  mkdirSync(join(root, 'app/src/draft.toml'));
  symlinkSync('nowhere', join(nested, 'draft.toml'));
  assert.equal(findManifest(nested), join(root, 'app/draft.toml'));
});

test('a directory that is not there still has parents', () => {
  const dir = join(root, 'gone-parent');
  mkdirSync(dir);
  writeFileSync(join(dir, 'draft.toml'), TEXT);
  assert.equal(findManifest(join(dir, 'no/such/dir')), join(dir, 'draft.toml'));
});

test('without a draft.toml up to the root none is found', () => {
  assert.equal(findManifest('/'), undefined);
});

const READABLE: readonly (readonly [title: string, content: string | Uint8Array])[] = [
  ['as it is', TEXT],
  ['with a byte order mark', `\ufeff${TEXT}`],
  ['with CRLF line ends', TEXT.replaceAll('\n', '\r\n')],
  ['without a last line end', TEXT.trimEnd()],
  ['with comments in other scripts', `# ħéłłø ⚓\n${TEXT}`],
];

for (const [title, content] of READABLE) {
  test(`draft.toml is read ${title}`, () => {
    assert.deepEqual(JSON.parse(JSON.stringify(readManifest(write('good.toml', content)))), TREE);
  });
}

const BROKEN: readonly (readonly [title: string, content: string | Uint8Array, message: RegExp])[] = [
  ['a missing value', 'a = 1\nb =\n', /\/broken\.toml:2:\d+: \S/],
  ['an open text', '[x]\n\n  name = "web\n', /\/broken\.toml:3:14: \S/],
  ['an open table', '[environments', /\/broken\.toml:1:\d+: \S/],
  ['a key given twice', 'a = 1\na = 2\n', /\/broken\.toml:2:1: \S/],
  ['a table that is a value', 'a = 1\n[a.b]\n', /\/broken\.toml:2:\d+: \S/],
  ['a broken line after CRLF', 'a = 1\r\nb = nope\r\n', /\/broken\.toml:2:5: \S/],
  ['a broken line after a byte order mark', '\ufeffa = nope\n', /\/broken\.toml:1:5: \S/],
  ['JSON', '{"environments": {}}', /\/broken\.toml:1:1: \S/],
  ['UTF-16', Buffer.from(`\ufeff${TEXT}`, 'utf16le'), /\/broken\.toml: the text is not UTF-8$/],
  ['binary data', Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 0xff), /\/broken\.toml: the text is not UTF-8$/],
  ['a zero byte', 'a = "\0"', /\/broken\.toml:1:\d+: \S/],
  ['half a million open lists', `a = ${'['.repeat(500_000)}`, /\/broken\.toml:1:\d+: \S/],
];

for (const [title, content, message] of BROKEN) {
  test(`${title} is an error with its place`, () => {
    assert.throws(() => readManifest(write('broken.toml', content)), isUsageError(message));
  });
}

test('a key named __proto__ changes no object', () => {
  const path = write('proto.toml', '[environments.__proto__]\nname = "x"\n[__proto__]\nname = "y"\n');
  readManifest(path);
  assert.equal(({} as Record<string, unknown>)['name'], undefined);
});

test('a missing file is a clear error', () => {
  const path = join(root, 'nope.toml');
  assert.throws(() => readManifest(path), isUsageError(/^cannot read .*nope\.toml: no such file$/));
  assert.throws(() => readManifest(join(write('file', ''), 'x')), isUsageError(/: no such file$/));
});

test('a link to itself is a clear error', () => {
  const path = join(root, 'loop.toml');
  symlinkSync('loop.toml', path);
  assert.throws(() => readManifest(path), isUsageError(/^cannot read .*loop\.toml: too many symbolic links$/));
});

test('a directory is a clear error', () => {
  assert.throws(() => readManifest(root), isUsageError(/ is not a file$/));
});

test('a pipe is a clear error and is not waited for', { skip: process.platform === 'win32' }, () => {
  const path = join(root, 'pipe');
  execFileSync('mkfifo', [path]);
  assert.throws(() => readManifest(path), isUsageError(/pipe is not a file$/));
});

test('a huge file is a clear error and is not read', () => {
  const path = write('huge.toml', '');
  truncateSync(path, 2 ** 40);
  assert.throws(
    () => readManifest(path),
    isUsageError(/huge\.toml is too large for a draft\.toml \(1099511627776 bytes\)$/),
  );
});

test('a file without the right to read it is a clear error', { skip: process.platform === 'win32' }, () => {
  const path = write('secret.toml', TEXT);
  chmodSync(path, 0);
  const isRoot = process.geteuid?.() === 0;
  // root may read everything: then somebody else has to try
  if (isRoot) process.seteuid?.(65534);
  try {
    assert.throws(() => readManifest(path), isUsageError(/^cannot read .*secret\.toml: permission denied$/));
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
});

function write(name: string, content: string | Uint8Array): string {
  const path = join(root, name);
  writeFileSync(path, content);
  return path;
}

function isUsageError(message: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof UserError, String(error));
    assert.match(error.message, message);
    assert.doesNotMatch(error.message, /\p{Cc}/u);
    assert.equal(error.exitCode, EXIT.usage);
    return true;
  };
}
