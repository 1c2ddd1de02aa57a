// A login that runs out in mid-session: one kubectl asks for a new one, and all others wait for it.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { type Login, startLogin } from '../cluster/login.ts';
import { eventually } from '../harness/eventually.ts';
import { get } from '../harness/http.ts';
import { BUNDLE, type Program } from '../harness/program.ts';
import { openTerminal } from '../harness/tmux.ts';
import { LINUX_ONLY, missing } from '../harness/tools.ts';
import { endConnected, newestKubectl, type Place, startPlace } from './connect-setup.ts';

/** Notices another one that runs: a killed one may be a zombie for long. */
const ALONE = `[ ! -e asking ] || case $(ps -o stat= -p "$(cat asking)") in ''|Z*) ;; *) echo >>overlap;; esac
  echo $$ >asking`;
/** Says how to log in and waits for it. */
const DEVICE_CODE = `[ -e in ] || {
  ${ALONE}
  echo 'Open https://sso and enter ABCD' >&2
  until [ -e in ]; do sleep 0.05; done
}`;
const COMMAND_LINE = "[ -e in ] || { echo 'Run: mysso login' >&2; exit 3; }";
const PASSWORD = `[ -e in ] || {
  ${ALONE}
  printf 'Password: ' >/dev/tty
  read -r word </dev/tty
  [ "$word" = secret ] || exit 3
  touch in
}`;

/** For so long after an answer nobody asks whether the login holds. */
const TRUST_MS = 10_000;

interface LoggedIn {
  readonly place: Place;
  readonly login: Login;
  logOut(): Promise<void>;
  logIn(): void;
}

async function withLogin(script: string, body: (logged: LoggedIn) => Promise<void>): Promise<void> {
  const place = await startPlace();
  await place.cluster.addExample();
  const login = await startLogin(place.cluster.kubeconfig, script);
  const logIn = () => writeFileSync(join(login.folder, 'in'), '');
  logIn();
  try {
    await body({
      place,
      login,
      logIn,
      async logOut() {
        await delay(TRUST_MS + 100);
        rmSync(join(login.folder, 'in'));
      },
    });
  } finally {
    const overlaps = existsSync(join(login.folder, 'overlap'));
    login.stop();
    place.stop();
    assert.ok(!overlaps, 'two plugins asked at once');
  }
}

const GREETING = { status: 200, body: "Hello World, I'm Golang!\n" };

async function served(program: Program, port: number | undefined): Promise<void> {
  assert.ok(port !== undefined);
  assert.deepEqual(await get(port), GREETING, program.stderr());
}

const countOf = (text: string, part: RegExp) => text.match(part)?.length ?? 0;

const DISTURBANCES: readonly (readonly [title: string, disturb: (place: Place) => Promise<unknown>])[] = [
  ['a rollout', ({ cluster }) => cluster.rollout('example-go')],
  [
    'a lost API server',
    async ({ cluster }) => {
      cluster.stopApi();
      await cluster.startApi();
    },
  ],
];

describe('a login that runs out', { concurrency: 3, skip: LINUX_ONLY.skip || missing('openssl') }, () => {
  for (const [title, disturb] of DISTURBANCES) {
    test(`is asked for by one kubectl after ${title}, and its words are shown`, () =>
      withLogin(DEVICE_CODE, async ({ place, login, logIn, logOut }) => {
        const program = place.run(['deploy/example-go'], { kubeconfig: login.kubeconfig });
        const ports = await program.connected(3);
        await place.cluster.streamsOpened('logs', 2);
        await logOut();
        const disturbed = disturb(place);
        await program.sees('stderr', /^Open https:\/\/sso and enter ABCD$/m);
        logIn();
        await place.cluster.streamsOpened('logs', 2);
        await served(program, ports.get('go:8080'));
        await disturbed;
        await endConnected(program);
        assert.equal(countOf(program.stderr(), /ABCD/g), 1, program.stderr());
      }));
  }

  for (const [title, flags] of [
    ['', []],
    [', also where the flags name the place', ['--context=embedded', '--namespace=default']],
  ] as const) {
    test(`and cannot be renewed is told once with the plugin's words, and asked for again${title}`, () =>
      withLogin(COMMAND_LINE, async ({ place, login, logIn, logOut }) => {
        const program = place.run(['deploy/example-go', ...flags], { kubeconfig: login.kubeconfig });
        const ports = await program.connected(3);
        await logOut();
        const asked = () => countOf(readFileSync(join(login.folder, 'asked'), 'utf8'), /\n/g);
        place.cluster.stopApi();
        await place.cluster.startApi();
        const told =
          /^kubectl cannot log in to the API server: executable \S+ failed with exit code 3: Run: mysso login; trying again$/gm;
        await program.sees('stderr', told);
        const before = asked();
        await eventually(
          () => asked() > before + 1,
          () => `${asked()} instead of ${before}`,
        );
        logIn();
        await program.sees('stderr', /^the API server answers again$/m);
        await served(program, ports.get('go:8080'));
        await endConnected(program);
        assert.equal(countOf(program.stderr(), /mysso/g), 1, program.stderr());
      }));
  }

  for (const [title, flags, prompts] of [
    ['may ask for a password at the terminal, where keys are not for us meanwhile', '', 1],
    ['and that nobody renews in time is asked for again, by a plugin that is alone', ' --timeout 3s', 2],
  ] as const) {
    test(title, { skip: missing('tmux') }, () =>
      withLogin(PASSWORD, async ({ place, login: { kubeconfig, folder }, logOut }) => {
        const env = { KUBECONFIG: kubeconfig, KUBECTL_PATH: newestKubectl(), XDG_STATE_HOME: folder, HOME: folder };
        const terminal = openTerminal('sh', env);
        try {
          terminal.type(`${process.execPath} ${BUNDLE} deploy/example-go --no-logs${flags}; echo status $?`);
          await terminal.sees(/^Connect to multi-port:81 on /m);
          await logOut();
          place.cluster.endWatches();
          await terminal.sees(new RegExp(`(?:Password:[^]*){${prompts}}`));
          terminal.type('secret');
          await terminal.sees(prompts === 1 ? /Password: secret/ : /the API server answers again/);
          await place.cluster.rollout('example-go');
          await terminal.sees(/pod \S+ replaced by \S+$/m);
          const [, port] = await terminal.sees(/^Connect to go:8080 on localhost:(\d+)/m);
          assert.deepEqual(await get(Number(port)), GREETING);
          // The keys are ours again.
          terminal.type('q');
          await terminal.sees(/status 0$/m);
          assert.equal(countOf(terminal.screen(), /Password/g), prompts);
        } finally {
          terminal.close();
        }
      }),
    );
  }

  test('ends with the session while it is asked for', () =>
    withLogin(DEVICE_CODE, async ({ place, login, logOut }) => {
      const program = place.run(['deploy/example-go'], { kubeconfig: login.kubeconfig });
      await program.connected(3);
      await logOut();
      place.cluster.endWatches();
      await program.sees('stderr', /^Open https:\/\/sso and enter ABCD$/m);
      await endConnected(program);
    }));
});
