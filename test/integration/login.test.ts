// Credential plugins that ask for something before they answer.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Login, startLogin } from '../cluster/login.ts';
import { alive } from '../harness/processes.ts';
import { BUNDLE } from '../harness/program.ts';
import { openTerminal } from '../harness/tmux.ts';
import { LINUX_ONLY, missing } from '../harness/tools.ts';
import { errorOf, newestKubectl, type Place, startPlace } from './connect-setup.ts';
import { makeApp } from './up-setup.ts';

/** Once logged in it answers at once. */
const once = (ask: string) => `[ -e in ] || { ${ask}; [ "$word" = secret ] || exit 3; touch in; }`;
const BY_TTY = once("printf 'Password: ' >/dev/tty; read -r word </dev/tty");
const FROM_TERMINAL: readonly [title: string, script: string][] = [
  ['/dev/tty', BY_TTY],
  ['stdin', once("printf 'Password: ' >&2; read -r word")],
];

describe('a credential plugin', { skip: LINUX_ONLY.skip || missing('openssl') }, () => {
  let place: Place;
  before(async () => {
    place = await startPlace();
    await place.cluster.addExample();
  });
  after(() => place.stop());

  async function withLogin(script: string, body: (login: Login) => Promise<void>): Promise<void> {
    const login = await startLogin(place.cluster.kubeconfig, script);
    try {
      await body(login);
    } finally {
      login.stop();
    }
  }

  for (const [title, script] of FROM_TERMINAL) {
    for (const more of ['', ' --detach']) {
      test(`may ask for a password by ${title}${more}`, { skip: missing('tmux') }, () =>
        withLogin(script, async ({ kubeconfig, folder }) => {
          const env = { KUBECONFIG: kubeconfig, KUBECTL_PATH: newestKubectl(), XDG_STATE_HOME: folder, HOME: folder };
          const terminal = openTerminal('sh', env);
          try {
            terminal.type(`${process.execPath} ${BUNDLE} deploy/example-go --no-logs${more}`);
            await terminal.sees(/^Password:/m);
            terminal.type('secret');
            await terminal.sees(more === '' ? /^Connect to multi-port:81 on /m : /_MULTI_PORT_SERVICE_PORT_81=/);
            if (more === '') terminal.press('C-c');
            else terminal.type(`${process.execPath} ${BUNDLE} stop --all`);
            terminal.type('echo over');
            await terminal.sees(/^(?:# )?over$/m);
            assert.equal(terminal.screen().match(/Password/g)?.length, 1);
          } finally {
            terminal.close();
          }
        }),
      );
    }
  }

  test('may ask for a password before up builds', { skip: missing('tmux') }, () =>
    withLogin(BY_TTY, async ({ kubeconfig }) => {
      const app = makeApp();
      const terminal = openTerminal('sh', {
        ...app.options.env,
        KUBECONFIG: kubeconfig,
        KUBECTL_PATH: newestKubectl(),
      });
      try {
        terminal.type(`cd '${app.folder}'; ${process.execPath} ${BUNDLE} up`);
        await terminal.sees(/^Password:/m);
        assert.deepEqual(app.calls(), []);
        terminal.type('secret');
        await terminal.sees(/Releasing Application: SUCCESS[\s\S]*^Inspect/m);
        assert.equal(terminal.screen().match(/Password/g)?.length, 1);
      } finally {
        terminal.close();
        app.remove();
      }
    }),
  );

  const interruptions: readonly [title: string, ask: string, press: readonly string[]][] = [
    ['Ctrl-C while it asks', 'read -r word </dev/tty', ['C-c']],
    // The terminal's signal reaches one process after the other.
    ['Ctrl-C that kubectl hears first', '(sleep 0.3; kill -INT 0) & kill -INT $$', []],
  ];
  for (const [title, ask, press] of interruptions) {
    for (const more of ['', ' --detach']) {
      test(`and ${title} ends all without a word${more}`, { skip: missing('tmux') }, () =>
        withLogin('exit 1', async ({ kubeconfig, folder }) => {
          // It ends by the same Ctrl-C at once, as no kubectl does every time.
          const kubectl = join(folder, 'kubectl');
          writeFileSync(kubectl, `#!/bin/sh\necho Password: >&2\n${ask}\n`, { mode: 0o755 });
          const env = { KUBECONFIG: kubeconfig, KUBECTL_PATH: kubectl, XDG_STATE_HOME: folder, HOME: folder };
          const terminal = openTerminal('sh', env);
          try {
            terminal.type(`${process.execPath} ${BUNDLE} deploy/example-go --no-logs${more}; echo status $?`);
            for (const key of press) {
              await terminal.sees(/^Password:/m);
              terminal.press(key);
            }
            await terminal.sees(/status \d+$/m);
            assert.match(terminal.screen(), /status 130$/m);
            assert.doesNotMatch(terminal.screen(), /Error/);
          } finally {
            terminal.close();
          }
        }),
      );
    }
  }

  test('has said at once how to log in, and keeps the browser it has opened', () =>
    withLogin(
      '[ -e in ] || { echo "Open https://sso and enter ABCD" >&2; sleep 1000 >/dev/null & echo $! >browser; until [ -e in ]; do sleep 0.05; done; }',
      async ({ kubeconfig, folder }) => {
        const program = place.run(['deploy/example-go', '--no-logs'], { kubeconfig });
        await program.sees('stderr', /^Open https:\/\/sso and enter ABCD\n/);
        writeFileSync(join(folder, 'in'), '');
        await program.connected(3);
        const browser = Number(readFileSync(join(folder, 'browser'), 'utf8'));
        assert.ok(alive(browser));
        assert.equal((await program.end()).code, 0);
        assert.ok(alive(browser));
        process.kill(browser);
      },
    ));

  test('has its last words in the error', () =>
    withLogin('echo "Your session has expired." >&2; echo "Run: mysso login" >&2; exit 3', async ({ kubeconfig }) => {
      const { code, stderr } = await place.toEnd(['deploy/example-go'], { kubeconfig });
      const { error } = errorOf({ stderr });
      assert.equal(code, 1);
      assert.match(
        error,
        /^Unable to connect to the server: getting credentials: .*: Your session has expired\. Run: mysso login$/,
      );
    }));
});
