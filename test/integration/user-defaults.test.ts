// What a user's kubectl defaults change: nothing. A wrapper script gives the flags that a kuberc would.
import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { get } from '../harness/http.ts';
import { makeFolder } from '../harness/program.ts';
import { availableKubectls } from '../kubectls.ts';
import { endConnected, type Place, startPlace } from './connect-setup.ts';
import { makeApp } from './up-setup.ts';

const GET = [
  ...['--watch', '--watch-only', '--output-watch-events', '--all-namespaces', '--ignore-not-found', '--show-labels'],
  ...['--output=yaml', '--field-selector=metadata.name=none', '--selector=none', '--sort-by=.metadata', '--raw=/api'],
  '--request-timeout=3s',
];
const LOGS = [
  ...['--prefix', '--all-containers', '--previous', '--ignore-errors', '--timestamps=false', '--limit-bytes=9'],
  ...['--tail=0', '--since=1s', '--selector=none', '--request-timeout=1s'],
];
const FORWARD = ['--request-timeout=1s', '--pod-running-timeout=1m'];

/** Gives each command its flags before ours, or with `last` after them. */
function wrapper(kubectl: string, { last }: { last?: string } = {}): string {
  return `#!/bin/sh
command=$1; shift
case $command in
  get) exec '${kubectl}' get ${GET.join(' ')} "$@" ;;
  logs) exec '${kubectl}' logs ${LOGS.join(' ')} "$@" ${last ?? ''} ;;
  port-forward) exec '${kubectl}' port-forward ${FORWARD.join(' ')} "$@" ;;
  *) exec '${kubectl}' "$command" "$@" ;;
esac
`;
}

const all = availableKubectls();
for (const { version, path } of all.filter((_, index) => index === 0 || index === all.length - 1)) {
  describe(`a kubectl ${version} with defaults of the user's`, () => {
    const folder = makeFolder();
    const kubectl = join(folder.path, 'kubectl');
    let place: Place;
    before(async () => {
      place = await startPlace(path);
      await place.cluster.addExample();
    });
    after(() => {
      place.stop();
      folder.remove();
    });
    const wrapped = (text: string) => {
      writeFileSync(kubectl, text);
      chmodSync(kubectl, 0o755);
    };

    test('finds what up has deployed', async () => {
      wrapped(wrapper(path));
      const app = makeApp();
      const program = place.run(['up', '--auto-connect', '--', 'true'], { ...app.options, kubectl });
      await program.connected(3);
      await endConnected(program);
      app.remove();
    });

    for (const target of ['deploy/example-go', 'pod']) {
      test(`connects to ${target} and shows its log`, async () => {
        wrapped(wrapper(path));
        const name = target === 'pod' ? `pod/${place.cluster.podNames('example-go')[0]}` : target;
        const program = place.run([name, '--tail=-1'], { kubectl });
        const ports = await program.connected(3);
        await program.sees('stdout', /^\[go\]: /m);
        assert.equal((await get(ports.get('go:8080') ?? 0)).status, 200);
        await endConnected(program);
      });
    }

    test('says so when no line of a log can be read', async () => {
      wrapped(wrapper(path, { last: '--prefix' }));
      const program = place.run(['deploy/example-go', '--tail=-1'], { kubectl });
      await program.sees(
        'stderr',
        /the log of \S+ in pod \S+ cannot be read: kubectl prints '\[pod\/\S+ .* add a flag\?/,
      );
      await endConnected(program);
    });
  });
}
