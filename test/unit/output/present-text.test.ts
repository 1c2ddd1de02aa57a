import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Appearance } from '../../../src/output/core/appearance.ts';
import type { SessionEvent } from '../../../src/output/core/events.ts';
import { INDEXED_COLORS } from '../../../src/output/core/palette.ts';
import { ContainerNames } from '../../../src/output/core/prefix.ts';
import { renderStatus } from '../../../src/output/core/status-line.ts';
import { createTextPresenter } from '../../../src/output/present-text.ts';

const PIPE: Appearance = { terminal: false, colors: undefined, columns: undefined, links: false };
const TERMINAL: Appearance = { terminal: true, colors: INDEXED_COLORS, columns: 80, links: true };

const NEWS: SessionEvent = { kind: 'pod-restored', pod: 'x' };
const TROUBLE: SessionEvent = { kind: 'pod-lost', pod: 'x', reason: 'was deleted', holdMs: 0 };
const LOSS: SessionEvent = { kind: 'warning', message: 'beware' };
const tunnel = {
  container: 'go',
  remotePort: 8080,
  portName: undefined,
  addresses: ['localhost', '::1'],
  localPort: 8081,
  pod: 'x',
};

function present(events: readonly SessionEvent[], appearance: Appearance, quiet = false) {
  const out: string[] = [];
  const err: string[] = [];
  const tell = createTextPresenter({
    writeOut: (line) => out.push(line),
    writeErr: (line, weight) => err.push(renderStatus(line, weight, appearance)),
    names: new ContainerNames(appearance),
    appearance,
    quiet,
  });
  for (const event of events) tell(event);
  return { out, err };
}

test('where there is no terminal, lines are what they say', () => {
  const { out, err } = present([{ kind: 'tunnel-opened', tunnel }, NEWS, TROUBLE, LOSS], PIPE);
  assert.deepEqual(out, ['Connect to go:8080 on localhost:8081, [::1]:8081']);
  assert.deepEqual(err, [
    'pod x is back',
    'pod x was deleted: connections are refused until there is another one',
    'Warning: beware',
  ]);
});

test('on a terminal, places are links and status lines are marked', () => {
  const { out, err } = present([{ kind: 'tunnel-opened', tunnel }, NEWS, LOSS], TERMINAL);
  const link = (url: string, text: string) => `\x1b]8;;${url}\x1b\\${text}\x1b]8;;\x1b\\`;
  const name = new ContainerNames(TERMINAL).render('go');
  assert.deepEqual(out, [
    `Connect to ${name}:8080 on ${link('http://localhost:8081', 'localhost:8081')}, ${link('http://[::1]:8081', '[::1]:8081')}`,
  ]);
  assert.deepEqual(err, ['\x1b[38;5;244m* pod x is back\x1b[0m', '\x1b[1m! Warning: beware\x1b[0m']);
});

test('a quiet one tells what is lost for good, and the tunnels', () => {
  const { out, err } = present([{ kind: 'tunnel-opened', tunnel }, NEWS, TROUBLE, LOSS], PIPE, true);
  assert.equal(out.length, 1);
  assert.deepEqual(err, ['Warning: beware']);
});
