import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Appearance } from '../../../src/output/core/appearance.ts';
import type { SessionEvent } from '../../../src/output/core/events.ts';
import { INDEXED_COLORS } from '../../../src/output/core/palette.ts';
import { ContainerNames } from '../../../src/output/core/prefix.ts';
import { Output } from '../../../src/output/output.ts';
import { Screen } from '../../../src/output/screen.ts';

const PIPE: Appearance = { terminal: false, colors: undefined, columns: undefined, links: false };
const TERMINAL: Appearance = { terminal: true, colors: INDEXED_COLORS, columns: 80, links: true };

const NEWS: SessionEvent = { kind: 'pod-restored', pod: 'x' };
const TROUBLE: SessionEvent = { kind: 'pod-lost', pod: 'x', reason: 'was deleted', holdMs: 0 };
const LOSS: SessionEvent = { kind: 'warning', message: 'beware' };
const GONE: SessionEvent = { kind: 'app-ended', app: 'solo', message: 'pod solo was deleted', failed: true };
const tunnel = {
  app: 'x',
  container: 'go',
  remotePort: 8080,
  portName: undefined,
  addresses: ['localhost', '::1'],
  localPort: 8081,
  pod: 'x',
};

function open(appearance: Appearance, quiet = false) {
  const written = { out: '', err: '' };
  const outputTo = (name: 'out' | 'err') =>
    new Output({
      async write(bytes) {
        await new Promise(setImmediate);
        written[name] += Buffer.from(bytes).toString();
      },
      abandon() {},
    });
  const output = outputTo('out');
  const screen = new Screen({ output, openNotes: () => outputTo('err'), out: appearance, err: appearance, quiet });
  const lines = (name: 'out' | 'err') => written[name].split('\n').slice(0, -1);
  return {
    screen,
    written,
    async read() {
      await output.flush(1000);
      await screen.flush(1000);
      return { out: lines('out'), err: lines('err') };
    },
  };
}

function present(events: readonly SessionEvent[], appearance: Appearance, quiet?: boolean) {
  const { screen, read } = open(appearance, quiet);
  for (const event of events) screen.tell(event);
  return read();
}

test('where there is no terminal, lines are what they say', async () => {
  const { out, err } = await present([{ kind: 'tunnel-opened', tunnel }, NEWS, TROUBLE, LOSS], PIPE);
  assert.deepEqual(out, ['Connect to go:8080 on localhost:8081, [::1]:8081']);
  assert.deepEqual(err, [
    'pod x is back',
    'pod x was deleted: connections are refused until there is another one',
    'Warning: beware',
  ]);
});

test('on a terminal, places are links and status lines are marked', async () => {
  const { out, err } = await present([{ kind: 'tunnel-opened', tunnel }, NEWS, LOSS], TERMINAL);
  const link = (url: string, text: string) => `\x1b]8;;${url}\x1b\\${text}\x1b]8;;\x1b\\`;
  const name = new ContainerNames(TERMINAL).render('go');
  assert.deepEqual(out, [
    `Connect to ${name}:8080 on ${link('http://localhost:8081', 'localhost:8081')}, ${link('http://[::1]:8081', '[::1]:8081')}`,
  ]);
  assert.deepEqual(err, ['\x1b[38;5;244m* pod x is back\x1b[0m', '\x1b[1m! Warning: beware\x1b[0m']);
});

test('a quiet one tells what is lost for good, and the tunnels', async () => {
  const { out, err } = await present([{ kind: 'tunnel-opened', tunnel }, NEWS, TROUBLE, LOSS, GONE], PIPE, true);
  assert.equal(out.length, 1);
  assert.deepEqual(err, ['Warning: beware', 'solo: Warning: pod solo was deleted']);
});

test('while somebody else has the terminal status lines wait, and tunnels do not', async () => {
  const { screen, read } = open({ ...TERMINAL, colors: undefined, links: false });
  const takeBack = await screen.handOver();
  screen.tell(TROUBLE);
  screen.tell(NEWS);
  screen.tell({ kind: 'tunnel-opened', tunnel });
  assert.deepEqual(await read(), { out: ['Connect to go:8080 on localhost:8081, [::1]:8081'], err: [] });
  takeBack();
  screen.tell(LOSS);
  assert.deepEqual((await read()).err, [
    '! pod x was deleted: connections are refused until there is another one',
    '* pod x is back',
    '! Warning: beware',
  ]);
});

test('nobody else has the terminal before it has all lines', async () => {
  const { screen, written } = open({ ...TERMINAL, colors: undefined, links: false });
  for (let count = 0; count < 3; count += 1) screen.tell({ kind: 'tunnel-opened', tunnel });
  await screen.handOver();
  assert.equal(written.out.split('\n').length, 4);
});

test('a terminal that takes no lines is not waited for', async () => {
  const output = new Output({ write: () => new Promise(() => {}), abandon() {} });
  const screen = new Screen({ output, openNotes: () => output, out: TERMINAL, err: TERMINAL, quiet: false });
  screen.tell({ kind: 'tunnel-opened', tunnel });
  const session = setInterval(() => {}, 1000);
  await screen.handOver();
  clearInterval(session);
});

test('in a file they do not wait', async () => {
  const { screen, read } = open(PIPE);
  await screen.handOver();
  screen.tell(NEWS);
  assert.deepEqual((await read()).err, ['pod x is back']);
});

test('the screen is cleared between two lines', async () => {
  const { screen, written, read } = open(TERMINAL);
  screen.clear();
  await read();
  assert.equal(written.out, '\x1b[H\x1b[2J');
});
