import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTextScreen } from '../../../src/up/screen.ts';

function show(changes: { columns?: () => number; quiet?: boolean }) {
  let out = '';
  let err = '';
  const screen = createTextScreen({
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    quiet: changes.quiet ?? false,
    columns: changes.columns,
  });
  return { screen, out: () => out, err: () => err };
}

test('on a terminal a running stage is one line that is replaced by its end', () => {
  const { screen, out } = show({ columns: () => 80 });
  screen.stage('web', 'build', 'podman').ended('succeeded', 1000, []);
  assert.equal(
    out(),
    '\r\u001b[2K⠋ web: Building Docker Image: 0s\r\u001b[2Kweb: Building Docker Image: SUCCESS ⚓  (1.0000s)\n',
  );
});

test('a running stage leaves room for the ^C that ends it', () => {
  const { screen, out } = show({ columns: () => 20 });
  screen.stage('web', 'build', 'podman').ended('stopped', 1000, []);
  assert.equal(out().split('\r\u001b[2K')[1], '⠋ web: Building D');
});

test('a tool’s last lines are shown where it failed', () => {
  const { screen, err } = show({});
  screen.stage('web', 'release', 'helm').ended('failed', 1000, ['one', 'two']);
  assert.equal(err(), 'one\ntwo\n');
});

test('quiet, what fails is still shown', () => {
  const { screen, out, err } = show({ quiet: true, columns: () => 80 });
  screen.started('web');
  const stage = screen.stage('web', 'build', 'podman');
  stage.said('x');
  stage.ended('failed', 1000, ['one']);
  screen.note('note');
  screen.warn('careful');
  screen.built({ app: 'web', buildId: 'B', image: undefined });
  assert.equal(out(), '');
  assert.equal(err(), 'one\nWarning: careful\n');
});
