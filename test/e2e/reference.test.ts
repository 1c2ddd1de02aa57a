// The reference text's example on a real cluster, each of its transcripts to the letter but for random ports.
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:net';
import { delimiter, dirname } from 'node:path';
import { describe, test } from 'node:test';
import { get } from '../harness/http.ts';
import {
  BUNDLE,
  DRAFT_TOML,
  leftovers,
  makeFolder,
  type RunOptions,
  runProgram,
  runToEnd,
} from '../harness/program.ts';
import { kubectlsUnderTest } from '../kubectls.ts';
import { NO_CLUSTER } from './real-cluster.ts';

const PLAIN_TOML = DRAFT_TOML.replace(/^.*override-ports.*\n/m, '');
const GREETING = "Hello World, I'm Golang!\n";

interface Transcript {
  readonly title: string;
  readonly toml: string;
  readonly args: readonly string[];
  /** `*` is a random port. */
  readonly lines: readonly string[];
  readonly logs: readonly string[];
  /** Ports named on stderr, one mapping a line: mappings that are skipped. */
  readonly skipped?: readonly number[];
  /** A port that nothing listens on and no container declares; it is named on stderr, too. */
  readonly undeclared?: number;
}

const both = ['go', 'multi-port'];
const TRANSCRIPTS: readonly Transcript[] = [
  {
    title: 'no options',
    toml: PLAIN_TOML,
    args: [],
    lines: ['go:8080 on localhost:*', 'multi-port:80 on localhost:*', 'multi-port:81 on localhost:*'],
    logs: both,
  },
  {
    title: '-p',
    toml: PLAIN_TOML,
    args: ['-p', '8080:8080', '-p', '9090:80', '-p', '9191:81'],
    lines: ['go:8080 on localhost:8080', 'multi-port:80 on localhost:9090', 'multi-port:81 on localhost:9191'],
    logs: both,
  },
  {
    title: 'override-ports',
    toml: DRAFT_TOML,
    args: [],
    lines: ['go:8080 on localhost:8080', 'multi-port:80 on localhost:9090', 'multi-port:81 on localhost:9191'],
    logs: both,
  },
  {
    title: '-p over override-ports',
    toml: DRAFT_TOML,
    args: ['-p', '8082:8080', '-p', '9092:80', '-p', '9193:81'],
    lines: ['go:8080 on localhost:8082', 'multi-port:80 on localhost:9092', 'multi-port:81 on localhost:9193'],
    logs: both,
  },
  {
    // The text goes on without such a port; like kubectl, we forward it, since what listens need not be declared.
    title: 'a remote port that is not exposed',
    toml: PLAIN_TOML,
    args: ['-p', '8080:8080', '-p', '7070:7070', '-p', '9090:80'],
    lines: [
      'go:8080 on localhost:8080',
      'multi-port:80 on localhost:9090',
      'multi-port:81 on localhost:*',
      'go:7070 on localhost:7070',
    ],
    logs: both,
    undeclared: 7070,
  },
  {
    title: '-c multi-port',
    toml: DRAFT_TOML,
    args: ['-c', 'multi-port'],
    lines: ['multi-port:80 on localhost:9090', 'multi-port:81 on localhost:9191'],
    logs: ['multi-port'],
    skipped: [8080],
  },
  {
    title: '-c go',
    toml: DRAFT_TOML,
    args: ['-c', 'go'],
    lines: ['go:8080 on localhost:8080'],
    logs: ['go'],
    skipped: [80, 81],
  },
  {
    title: '-c go -p 8081:8080',
    toml: DRAFT_TOML,
    args: ['-c', 'go', '-p', '8081:8080'],
    lines: ['go:8080 on localhost:8081'],
    logs: ['go'],
  },
];

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

let question = 0;

async function reproduces(transcript: Transcript, options: RunOptions): Promise<void> {
  const folder = makeFolder({ 'draft.toml': transcript.toml });
  const program = runProgram(transcript.args, { ...options, cwd: folder.path });
  try {
    const ports = await program.connected(transcript.lines.length);
    const head = transcript.lines.map((line) => escaped(`Connect to ${line}\n`).replace('\\*', '[1-9]\\d*')).join('');
    assert.match(program.stdout(), new RegExp(`^${head}`));
    assert.equal(new Set(ports.values()).size, transcript.lines.length, 'each its own local port');
    for (const [remote, local] of ports) {
      if (remote.endsWith(`:${transcript.undeclared}`)) continue;
      for (const host of ['127.0.0.1', '::1']) {
        const path = `/?question=${process.pid}-${question++}`;
        const answer = await get(local, path, { host });
        assert.equal(answer.status, 200);
        if (remote === 'go:8080') assert.equal(answer.body, GREETING);
        else assert.match(answer.body, new RegExp(`\\b${remote.split(':')[1]}\\b`));
        const container = remote.split(':')[0] ?? '';
        await program.sees('stdout', new RegExp(`^\\[${container}\\]: .*GET ${escaped(path)}`, 'm'));
      }
    }
    const rest = program.stdout().split('\n').slice(transcript.lines.length, -1);
    const strange = rest.filter((line) => !transcript.logs.some((name) => line.startsWith(`[${name}]: `)));
    assert.deepEqual(strange, []);
    const notes = (transcript.skipped ?? []).map(
      (port) => `mapping \\d+:${port} is skipped: [^\\n]*\\b${port}\\b[^\\n]*\\n`,
    );
    if (transcript.undeclared !== undefined) notes.push(`[^\\n]*\\b${transcript.undeclared}\\b[^\\n]*\\n`);
    assert.match(program.stderr(), new RegExp(`^${notes.join('')}$`));
  } finally {
    const { code } = await program.end();
    folder.remove();
    assert.equal(code, 0, program.stderr());
  }
  assert.deepEqual(leftovers(program.pid), []);
  for (const line of transcript.lines.filter((each) => !each.endsWith('*'))) {
    for (const host of ['127.0.0.1', '::1']) (await occupy(Number(line.split(':').at(-1)), host)).close();
  }
}

function occupy(port: number, host: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((client) => client.destroy());
    server.once('error', reject);
    server.listen({ port, host, ipv6Only: host.includes(':') }, () => resolve(server));
  });
}

for (const kubectl of kubectlsUnderTest()) {
  describe(`the reference text's example with kubectl ${kubectl.version} (${kubectl.protocol})`, {
    skip: NO_CLUSTER,
  }, () => {
    for (const transcript of TRANSCRIPTS) {
      test(`is as printed there: ${transcript.title}`, () => reproduces(transcript, { kubectl: kubectl.path }));
    }

    test('is the same as `kubectl draft-connect`', async () => {
      const [transcript] = TRANSCRIPTS.filter(({ title }) => title === 'override-ports');
      assert.ok(transcript !== undefined);
      await reproduces(transcript, {
        command: [kubectl.path, 'draft-connect'],
        kubectl: kubectl.path,
        env: { PATH: `${dirname(BUNDLE)}${delimiter}${process.env['PATH']}` },
      });
    });

    test('a container that does not exist is an error', async () => {
      const folder = makeFolder({ 'draft.toml': DRAFT_TOML });
      const { code, stdout, stderr } = await runToEnd(['-c', 'abc'], { kubectl: kubectl.path, cwd: folder.path });
      folder.remove();
      assert.deepEqual({ code, stdout }, { code: 1, stdout: '' });
      assert.match(stderr, /^Error: container 'abc' not found\nHint: [^\n]*\bgo\b[^\n]*\bmulti-port\b[^\n]*\n$/);
    });

    for (const [title, hosts, named] of [
      ['127.0.0.1 only', ['127.0.0.1'], '127.0.0.1'],
      ['::1 only', ['::1'], '[::1]'],
      ['both', ['127.0.0.1', '::1'], '127.0.0.1'],
    ] as const) {
      test(`a local port that is busy on ${title} is an error and leaves nothing`, async () => {
        const folder = makeFolder({ 'draft.toml': DRAFT_TOML });
        const busy = await Promise.all(hosts.map((host) => occupy(8080, host)));
        const program = runProgram([], { kubectl: kubectl.path, cwd: folder.path });
        const { code } = await program.ended;
        for (const server of busy) server.close();
        folder.remove();
        assert.deepEqual({ code, stdout: program.stdout() }, { code: 1, stdout: '' });
        const reason = escaped(`Error: local port 8080 is not available: ${named}:8080: already in use`);
        assert.match(program.stderr(), new RegExp(`^${reason}\\nHint: [^\\n]*\\n$`));
        assert.deepEqual(leftovers(program.pid), []);
      });
    }
  });
}
