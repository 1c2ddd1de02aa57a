// What can be wrong with draft.toml: one clear error with exit status 2, before any kubectl is started.
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { FAKE_KUBECTL, fakeEnv } from '../harness/fake-kubectl.ts';
import { BUNDLE, makeFolder, runProgram } from '../harness/program.ts';
import { endOf, errorOf, linesOf } from './connect-setup.ts';

test('a working directory that was deleted has no draft.toml', async () => {
  const { path } = makeFolder();
  const command = ['sh', '-c', 'cd "$0" && rmdir "$0" && exec "$@"', path, process.execPath, BUNDLE] as const;
  const end = await endOf(runProgram([], { command: [...command], kubectl: FAKE_KUBECTL }));
  assert.equal(errorOf(end).error, 'nothing to connect to');
  assert.equal(end.code, 2);
});

test('-f without a path is an error', async () => {
  const end = await endOf(runProgram(['-f', ''], { kubectl: FAKE_KUBECTL }));
  assert.deepEqual(errorOf(end), {
    error: '-f: the path is empty',
    hint: 'leave it out to take the nearest draft.toml',
  });
  assert.equal(end.code, 2);
});

test('-e without a draft.toml is an error, $DRAFT_ENV without one is not', async () => {
  const folder = makeFolder();
  const end = await connectIn(folder.path, ['example-go-1', '-e', 'staging']);
  assert.deepEqual(errorOf(end), {
    error: '-e staging: there is no draft.toml here or above',
    hint: 'name one with -f PATH',
  });
  assert.deepEqual([end.code, end.stdout], [2, '']);
  const env = { ...fakeEnv({}), DRAFT_ENV: 'staging' };
  const other = await endOf(
    runProgram(['example-go-1', '--dry-run'], { cwd: folder.path, kubectl: FAKE_KUBECTL, env }),
  );
  assert.equal(other.code, 0, other.stderr);
  folder.remove();
});

async function connectIn(cwd: string, args: readonly string[] = []) {
  return endOf(runProgram(['--dry-run', ...args], { cwd, kubectl: FAKE_KUBECTL, env: fakeEnv({}) }));
}

describe('draft.toml', { concurrency: 3 }, () => {
  const env = (text: string) => `[environments.development]\n${text}\n`;
  const wrong: readonly (readonly [title: string, text: string, error: string | RegExp, hint?: string | RegExp])[] = [
    ['a syntax error', '[environments.development]\nname = example\n', /^FILE:2:8: /],
    ['no environments', 'name = "x"\n', 'FILE: there is no [environments.development]', /./],
    ['an empty file', '', 'FILE: there is no [environments.development]', /./],
    [
      'an unknown environment',
      '[environments.production]\nname = "x"\n[environments.staging]\n',
      "FILE: environment 'development' not found",
      'the environments there are (-e, $DRAFT_ENV): production, staging',
    ],
    [
      'an environment that is no table',
      'environments = { development = 1 }\n',
      'FILE: environments.development: expected a table',
    ],
    ['a name that is a number', env('name = 1'), 'FILE: environments.development.name: expected a text, got 1'],
    [
      'several problems, told together',
      env('name = "x"\noverride-ports = "8080:80"\nauto-connect = "yes"'),
      "FILE: environments.development.override-ports: expected a list, got '8080:80'; environments.development.auto-connect: expected true or false, got 'yes'",
    ],
    [
      'a wrong mapping',
      env('name = "x"\noverride-ports = ["8080:80", "8080:81"]'),
      'FILE: environments.development.override-ports: local port 8080 already mapped',
    ],
    [
      'a name with a command in it',
      env('name = "x; rm -rf /"'),
      /^FILE: environments\.development\.name: expected a label value .*, got 'x; rm -rf \/'$/,
    ],
    ['a name that looks like an option', env('name = "--all"'), /name: expected a label value .*, got '--all'$/],
    [
      'a name with control characters',
      env('name = "a\\u001b[31m\\n"'),
      /name: expected a label value .*, got 'a\\u001b\[31m\\u000a'$/,
    ],
    ['a name that is too long', env(`name = "${'x'.repeat(64)}"`), /name: expected a label value/],
    [
      'a namespace that looks like an option',
      env('name = "x"\nnamespace = "-A"'),
      /namespace: expected a namespace .*, got '-A'$/,
    ],
    [
      'a selector that looks like an option',
      env('name = "x"\nselector = "--all"'),
      /selector: expected a label selector/,
    ],
    [
      'an environment with a hostile name',
      '[environments."a\\u001b[31m"]\n',
      "FILE: environment 'development' not found",
      'the environments there are (-e, $DRAFT_ENV): a [31m',
    ],
    [
      'neither a name nor a selector',
      env(''),
      'nothing to connect to: FILE has no name in environments.development',
      /set name/,
    ],
  ];
  for (const [title, text, error, hint] of wrong) {
    test(`${title} is an error`, async () => {
      const folder = makeFolder({ 'draft.toml': text });
      const end = await connectIn(folder.path);
      const said = errorOf(end);
      const file = new RegExp(`(?:/private)?${folder.path}/draft\\.toml`, 'g');
      const shown = said.error.replace(file, 'FILE');
      if (error instanceof RegExp) assert.match(shown, error);
      else assert.equal(shown, error);
      if (hint instanceof RegExp) assert.match(said.hint ?? '', hint);
      else assert.equal(said.hint, hint);
      assert.equal(end.code, 2);
      assert.equal(end.stdout, '');
      folder.remove();
    });
  }

  const unreadable: readonly (readonly [title: string, make: (path: string) => void, error: string])[] = [
    ['missing', () => {}, 'cannot read FILE: no such file'],
    ['a directory', (path) => mkdirSync(path), 'FILE is not a file'],
    ['a link to itself', (path) => symlinkSync(path, path), 'cannot read FILE: too many symbolic links'],
    ['a device', (path) => symlinkSync('/dev/zero', path), 'FILE is not a file'],
  ];
  for (const [title, make, error] of unreadable) {
    test(`-f with a file that is ${title} is an error`, async () => {
      const folder = makeFolder();
      const path = join(folder.path, 'my.toml');
      make(path);
      const end = await connectIn(folder.path, ['-f', path]);
      assert.equal(errorOf(end).error.replace(path, 'FILE'), error);
      assert.equal(end.code, 2);
      folder.remove();
    });
  }

  test('a huge draft.toml is an error', async () => {
    const folder = makeFolder({ 'draft.toml': `# ${'x'.repeat(2 * 1024 * 1024)}\n` });
    const end = await connectIn(folder.path);
    assert.match(errorOf(end).error, /draft\.toml is too large for a draft\.toml \(2097155 bytes\)$/);
    assert.equal(end.code, 2);
    folder.remove();
  });

  const root = process.getuid?.() === 0 && 'root may read everything';
  test('a draft.toml that may not be read is an error', { skip: root }, async () => {
    const folder = makeFolder({ 'draft.toml': env('name = "x"') });
    chmodSync(join(folder.path, 'draft.toml'), 0);
    const end = await connectIn(folder.path);
    assert.match(errorOf(end).error, /^cannot read .*draft\.toml: permission denied$/);
    assert.equal(end.code, 2);
    folder.remove();
  });

  test('unknown keys are warnings, with the nearest name', async () => {
    const folder = makeFolder({ 'draft.toml': env('name = "x"\noverride-port = []\ncolour = 1\n[other]') });
    const end = await connectIn(folder.path);
    assert.equal(end.code, 0, end.stderr);
    assert.deepEqual(
      linesOf(end.stderr).map((line) => line.replace(/\S*draft\.toml/, 'FILE')),
      [
        "Warning: FILE: unknown key 'other'",
        "Warning: FILE: environments.development: unknown key 'override-port', did you mean 'override-ports'?",
        "Warning: FILE: environments.development: unknown key 'colour'",
      ],
    );
    folder.remove();
  });
});
