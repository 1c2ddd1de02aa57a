// Completion as its user meets it: the Tab key in real shells, through kubectl's own completion and through our scripts.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { BUNDLE, makeFolder } from '../harness/program.ts';
import { openTerminal } from '../harness/tmux.ts';
import { missing } from '../harness/tools.ts';
import { availableKubectls } from '../kubectls.ts';
import { newestKubectl, type Place, startPlace } from './connect-setup.ts';

/** kubectl asks plugins from 1.26 on. */
const NO_PLUGINS = Number(availableKubectls().at(-1)?.version.split('.')[1] ?? 0) < 26 && 'kubectl is older than 1.26';

/** Functions that kubectl's script for bash relies on. */
const BASH_COMPLETION = '/usr/share/bash-completion/bash_completion';
const NO_BASH_COMPLETION = !existsSync(BASH_COMPLETION) && 'not installed: bash-completion';

const SHELLS = {
  bash: { start: 'bash --norc', source: (file: string) => `. ${file}` },
  zsh: { start: 'zsh -f', source: (file: string) => `autoload -U compinit; compinit -D; . ${file}` },
  fish: { start: 'fish --no-config', source: (file: string) => `source ${file}` },
} as const;
type Shell = keyof typeof SHELLS;

describe('completion', () => {
  const folder = makeFolder();
  const bin = join(folder.path, 'bin');
  let place: Place;
  before(async () => {
    place = await startPlace();
    await place.cluster.addExample();
    mkdirSync(bin);
    symlinkSync(BUNDLE, join(bin, 'kubectl-draft_connect'));
    symlinkSync(newestKubectl(), join(bin, 'kubectl'));
  });
  after(() => {
    place.stop();
    folder.remove();
  });

  const complete = async (...words: readonly string[]) => {
    const { stdout, stderr, code } = await place.toEnd(['__complete', ...words]);
    assert.deepEqual([stderr, code], ['', 0]);
    return stdout.split('\n').slice(0, -1);
  };

  const cases: readonly (readonly [words: readonly string[], suggestions: readonly string[]])[] = [
    [['deploy/e'], ['deploy/example-go', ':4']],
    [['deployment/'], ['deployment/example-go', ':4']],
    [
      ['deploy/example-go', '-c', ''],
      ['go', 'multi-port', ':4'],
    ],
    [
      ['deploy/example-go', '-c', 'go,m'],
      ['go,multi-port', ':4'],
    ],
    [
      ['deploy/example-go', '-p', '9090:8'],
      ['9090:8080\tgo', '9090:80\tmulti-port', '9090:81\tmulti-port', ':4'],
    ],
    [
      ['deploy/example-go', '--output='],
      ['text', 'json', ':4'],
    ],
    [
      ['deploy/example-go', 'deploy/none', '-c', ''],
      ['example-go/go', 'example-go/multi-port', ':4'],
    ],
    [
      ['deploy/example-go', 'deploy/none', '-p', '9090:example-go:8'],
      ['9090:example-go:8080\tgo', '9090:example-go:80\tmulti-port', '9090:example-go:81\tmulti-port', ':4'],
    ],
    [['-l', 'app=none', '-c', ''], [':4']],
    [
      ['-n', 'def'],
      ['default', ':4'],
    ],
    [['deploy/nothing', '-p', ''], [':4']],
    [['--kubectl', '/nonexistent', 'deploy/'], [':4']],
    [['--no-such-flag', 'deploy/'], [':4']],
    [['--', 'np'], [':0']],
  ];
  for (const [words, suggestions] of cases) {
    test(`of ${JSON.stringify(words.join(' '))}`, async () => assert.deepEqual(await complete(...words), suggestions));
  }

  test('of the first word: subcommands, pods and kinds', async () => {
    const words = (await complete('')).map((line) => line.split('\t')[0]);
    for (const word of ['up', 'stop', 'deploy/', place.cluster.podNames('example-go')[0]])
      assert.ok(words.includes(word), `${word} in ${words.join(' ')}`);
  });

  test('names contexts and environments', async () => {
    const [context = ''] = await complete('--context', '');
    assert.match(context, /^[\w-]+$/);
    const project = makeFolder({ 'draft.toml': '[environments.development]\n[environments.staging]\n' });
    const { stdout } = await place.toEnd(['__complete', '-e', ''], { cwd: project.path });
    assert.equal(stdout, 'development\nstaging\n:4\n');
    project.remove();
  });

  test('an API server that says nothing keeps the shell for less than 2 s', async () => {
    const hung = join(folder.path, 'hung');
    writeFileSync(hung, '#!/bin/sh\nsleep 60\n');
    chmodSync(hung, 0o755);
    const { stdout } = await place.toEnd(['__complete', '--kubectl', hung, 'deploy/']);
    assert.equal(stdout, ':4\n');
  });

  test('install writes what kubectl looks for beside the program, and nothing over what is there', async () => {
    const own = makeFolder();
    symlinkSync(BUNDLE, join(own.path, 'kubectl-draft_connect'));
    const env = { PATH: `${own.path}${delimiter}${process.env['PATH']}` };
    const first = await place.toEnd(['completion', 'install'], { env });
    assert.equal(first.code, 0);
    assert.match(first.stderr, /kubectl_complete-draft_connect is installed/);
    assert.equal((await place.toEnd(['completion', 'install'], { env })).code, 0);
    assert.deepEqual(readdirSync(own.path).sort(), ['kubectl-draft_connect', 'kubectl_complete-draft_connect']);
    writeFileSync(join(own.path, 'kubectl_complete-draft_connect'), 'something else');
    const refused = await place.toEnd(['completion', 'install'], { env });
    assert.match(refused.stderr, /^Error: .* is there and is not ours\nHint: /);
    assert.equal(refused.code, 1);
    own.remove();
  });

  async function inShell(shell: Shell, script: string, line: string, shows: RegExp): Promise<void> {
    const file = join(folder.path, `script.${shell}`);
    writeFileSync(file, script);
    const terminal = openTerminal(SHELLS[shell].start, {
      PATH: `${bin}${delimiter}${process.env['PATH']}`,
      KUBECONFIG: place.cluster.kubeconfig,
      HOME: folder.path,
    });
    try {
      terminal.type(`${SHELLS[shell].source(file)}; echo rea''dy`);
      await terminal.sees(/^ready$/m);
      terminal.press('C-l');
      terminal.write(line);
      terminal.press('Tab');
      // Shows where the cursor is by then.
      terminal.write('Z');
      await terminal.sees(shows);
    } finally {
      terminal.close();
    }
  }

  const lines: readonly (readonly [line: string, shows: RegExp])[] = [
    ['deploy/exam', / deploy\/example-go Z$/m],
    ['deploy/example-go -c mul', / -c multi-port Z$/m],
    ['deploy/example-go --namespace=defau', / --namespace=default Z$/m],
    ['deploy/example-go -p 9090:808', / -p 9090:8080 Z$/m],
    ['stat', / statefulset\/Z$/m],
    ['stop --a', / stop --all Z$/m],
    ['nothing', / nothingZ$/m],
  ];
  for (const shell of ['bash', 'zsh', 'fish'] as const) {
    const skip = missing('tmux', shell);
    test(`of kubectl-draft_connect in ${shell}`, { skip }, async () => {
      const { stdout } = await place.toEnd(['completion', shell]);
      for (const [line, shows] of lines) await inShell(shell, stdout, `kubectl-draft_connect ${line}`, shows);
    });

    test(`of kubectl draft-connect in ${shell}`, {
      skip: skip || NO_PLUGINS || (shell === 'bash' && NO_BASH_COMPLETION),
    }, async () => {
      await place.toEnd(['completion', 'install', bin]);
      const own = execFileSync(newestKubectl(), ['completion', shell], { encoding: 'utf8' });
      const script = shell === 'bash' ? `. ${BASH_COMPLETION}\n${own}` : own;
      for (const [line, shows] of lines) await inShell(shell, script, `kubectl draft-connect ${line}`, shows);
    });
  }

  test('of an alias in bash', { skip: missing('tmux', 'bash') }, async () => {
    const { stdout } = await place.toEnd(['completion', 'bash']);
    const alias = "alias kdc='kubectl draft-connect'; complete -F _kubectl_draft_connect kdc";
    await inShell('bash', `${stdout}\n${alias}\n`, 'kdc deploy/exam', /kdc deploy\/example-go Z$/m);
  });
});
