import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { runTool } from '../../../src/up/run-tool.ts';

const { signal } = new AbortController();
const node = (script: string, env = {}) => ({ program: process.execPath, args: ['-e', script], env });

describe('a tool', () => {
  test('is heard line by line on both outputs, a last line without its end included', async () => {
    const lines: string[] = [];
    const script =
      'process.stdout.write("one\\r\\ntw"); process.stdout.write("o\\nthree"); process.stderr.write("ü\\n")';
    const end = await runTool(node(script), { signal, onLine: (line) => lines.push(line) });
    assert.deepEqual(end, { kind: 'succeeded', stdout: 'one\r\ntwo\nthree' });
    assert.deepEqual(lines.toSorted(), ['one', 'three', 'two', 'ü']);
  });

  test('that fails has its exit status and its last lines', async () => {
    const script = 'for (let i = 0; i < 100; i++) console.error(i); process.exitCode = 3';
    const end = await runTool(node(script), { signal });
    assert.ok(end.kind === 'failed');
    assert.equal(end.how, 'exit status 3');
    assert.deepEqual(end.lines.slice(-2), ['98', '99']);
    assert.ok(end.lines.length < 100);
  });

  test('gets variables, and loses those that are taken away', async () => {
    process.env['UP_TEST_TAKEN'] = 'x';
    const end = await runTool(
      node('console.log(process.env.A, process.env.UP_TEST_TAKEN)', { A: 'b', UP_TEST_TAKEN: undefined }),
      { signal },
    );
    delete process.env['UP_TEST_TAKEN'];
    assert.deepEqual(end, { kind: 'succeeded', stdout: 'b undefined\n' });
  });

  test('that there is not is told from one that cannot be run', async () => {
    assert.deepEqual(await runTool({ program: 'no-such-tool', args: [], env: {} }, { signal }), {
      kind: 'not-started',
      why: undefined,
    });
    const end = await runTool({ program: '/etc/passwd', args: [], env: {} }, { signal });
    assert.deepEqual(end, { kind: 'not-started', why: 'it is not executable' });
  });

  test('that says nothing for too long is ended', async () => {
    const end = await runTool(node('console.log("begun"); setInterval(() => {}, 1000)'), { signal, silenceMs: 400 });
    assert.equal(end.kind, 'silent');
  });

  test('is ended with its children when it is no longer wanted, even if it calls that a success', async () => {
    const abort = new AbortController();
    const script = 'process.on("SIGTERM", () => process.exit(0)); console.log("begun"); setInterval(() => {}, 1000)';
    const ending = runTool(node(script), { signal: abort.signal, onLine: () => abort.abort('SIGINT') });
    await assert.rejects(ending, (reason) => reason === 'SIGINT');
  });

  test('that writes a line without end is heard in portions', async () => {
    let length = 0;
    const end = await runTool(node('process.stdout.write("x".repeat(300000))'), {
      signal,
      onLine: (line) => {
        length += line.length;
      },
    });
    assert.equal(end.kind, 'succeeded');
    assert.equal(length, 300_000);
  });
});
