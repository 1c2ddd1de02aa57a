// `kubectl draft-connect up`: builds, pushes, releases, and where asked to connects to the pod of that very build and
// does it all again whenever the app's files change.
import { print } from '../output/print.ts';
import { EXIT_AFTER, listenForSignals } from '../processes/signals.ts';
import type { AppSettings, Settings } from '../request/core/settings.ts';
import { startRebuilding } from '../up/rebuild-loop.ts';
import { createJsonScreen, createTextScreen, type Screen } from '../up/screen.ts';
import type { Before } from '../up/stage.ts';
import { type AppWatch, watchApp } from '../up/watch-app.ts';
import { createDeferred, type Deferred } from '../values/deferred.ts';
import { EXIT, renderError, UserError } from '../values/errors.ts';
// Loaded before the build: an upgrade during that may put another version in the program's place.
import { runConnect } from './connect.ts';
import { connectTo, type Round, readRound, runRound, type UpRequest, withOwnApp } from './up-round.ts';

interface Run {
  readonly request: UpRequest;
  readonly argv: readonly string[];
  readonly signal: AbortSignal;
  /** Ends whatever is going on. */
  stop(): void;
  /** The exit status that goes with the signal that came. */
  readonly interrupted: Promise<number>;
  /** Set once there is a session, which owns stdout then and tells its own end: how to write a line there. */
  sessionLine: ((line: string) => void) | undefined;
  /** Nobody reads stdout any more. */
  isUnread: boolean;
}

export async function runUp(request: UpRequest, argv: readonly string[]): Promise<number> {
  const json = request.flags.output === 'json';
  const abort = new AbortController();
  const signals = listenForSignals();
  // The watchdog ends the tools.
  void signals.second.then((signal) => process.exit(EXIT_AFTER[signal]));
  const interrupted = signals.first.then((signal) => {
    abort.abort(signal);
    return EXIT_AFTER[signal];
  });
  const run: Run = {
    request,
    argv,
    signal: abort.signal,
    stop: () => abort.abort('ended'),
    interrupted,
    sessionLine: undefined,
    isUnread: false,
  };
  let code: number = EXIT.failed;
  try {
    const first = await readRound(request, abort.signal, { hasTerminal: true, warn: screenOf(run).warn });
    code = await ((request.watch ?? first.environment.watch) ? upAgain(run, first) : upOnce(run, first));
    return code;
  } catch (error) {
    if (abort.signal.aborted && error === abort.signal.reason) {
      code = await interrupted;
      return code;
    }
    code = error instanceof UserError ? error.exitCode : EXIT.bug;
    if (json && run.sessionLine === undefined && error instanceof UserError) printJson('error', error);
    throw error;
  } finally {
    signals.dispose();
    if (json && run.sessionLine === undefined) printJson('exit', { code });
  }
}

function printJson(
  type: string,
  { message, hint, code }: { message?: string; hint?: string | undefined; code?: number },
) {
  print(1, `${JSON.stringify({ type, message, hint, code })}\n`);
}

async function upOnce(run: Run, round: Round): Promise<number> {
  const end = await runRound(round, screenOf(run), run.signal);
  if (end.kind === 'interrupted') return run.interrupted;
  if (!wantsSession(run, round)) return 0;
  return connect(run, await connectTo(round, end.image, run.signal), async () => undefined);
}

function wantsSession({ request }: Run, { environment }: Round): boolean {
  return request.autoConnect ?? environment.autoConnect;
}

/** @param beforeEnd before the session tells its exit status */
async function connect(run: Run, settings: Settings, beforeEnd: () => Promise<void>): Promise<number> {
  const { request, argv } = run;
  if (!request.flags.quiet && settings.output === 'text') print(1, '\n');
  const onOutput = (writeLine: (line: string) => void) => {
    run.sessionLine = writeLine;
  };
  return runConnect(request.flags, { kind: 'begun', settings, warnings: [], early: {}, onOutput, beforeEnd }, argv);
}

/** Rounds that follow one another. */
interface Again {
  readonly run: Run;
  readonly first: Round;
  readonly watch: AppWatch;
  /** The round that is going on, or went on last. */
  round: Promise<void> | undefined;
  /** The session's end. */
  readonly finished: Deferred<number>;
  session: Promise<number> | undefined;
  /** Of the pod that the session waits for: that of the newest build. */
  revision: AppSettings['revision'];
  /** What the round before has left, and where. */
  left: { readonly place: string; readonly before: Before } | undefined;
  /** Begun, not ended. */
  rounds: number;
  building: boolean;
  /** Ends the rounds; resolves when the one that goes on has said its last words. */
  stop(): Promise<void>;
}

/** Until a signal, or the end of the session; a round that fails waits for the next change. */
async function upAgain(run: Run, first: Round): Promise<number> {
  const watch = watchApp(first.folder, {
    change: () => loop.changed(),
    problem: (error) => screenOf(run).warn(inOneSentence(error)),
  });
  const again: Again = {
    run,
    first,
    watch,
    round: undefined,
    finished: createDeferred<number>(),
    session: undefined,
    revision: undefined,
    left: undefined,
    rounds: 0,
    building: false,
    async stop() {
      loop.stop();
      watch.stop();
      run.stop();
      await again.round;
    },
  };
  watch.follow(first.plan);
  const loop = startRebuilding(() => {
    again.round = buildAgain(again);
    return again.round;
  }, first.environment.watchDelayMs);
  // Between builds, Ctrl-C is how it ends.
  const interrupted = run.interrupted.then((code) => again.session ?? (again.building ? code : 0));
  try {
    return await Promise.race([again.finished.promise, interrupted]);
  } finally {
    // A session may end by itself; and a tool that is asked to end has still something to say.
    await again.stop();
  }
}

async function buildAgain(again: Again): Promise<void> {
  const { run, finished } = again;
  again.building = true;
  try {
    await oneRound(again);
  } catch (error) {
    if (run.signal.aborted) return;
    // Anything else is a bug, and ends it.
    if (!(error instanceof UserError)) finished.reject(error);
    else if (run.request.flags.output === 'json') screenOf(run).warn(inOneSentence(error));
    else print(2, renderError(error));
  } finally {
    again.building = false;
    if (run.isUnread && again.session === undefined) finished.resolve(0);
    else if (!run.signal.aborted && again.session === undefined) screenOf(run).note('Waiting for changes');
  }
}

function inOneSentence({ message, hint }: UserError): string {
  return hint === undefined ? message : `${message}; ${hint}`;
}

async function oneRound(again: Again): Promise<void> {
  const { run, first, watch, finished } = again;
  again.rounds += 1;
  const reading = { hasTerminal: again.session === undefined, warn: screenOf(run).warn };
  const round = again.rounds === 1 ? first : await readRound(run.request, run.signal, reading);
  watch.follow(round.plan);
  const { app } = round.plan;
  const place = JSON.stringify([app, round.settings.apps[0].kubectl]);
  const before = again.left?.place === place ? again.left.before : undefined;
  again.left = undefined;
  const end = await runRound(round, screenOf(run), run.signal, before);
  if (end.kind === 'interrupted') return;
  if (end.left !== undefined) again.left = { place, before: end.left };
  if (!wantsSession(run, round)) return;
  const settings = await connectTo(round, end.image, run.signal);
  if (again.session !== undefined) {
    // It may still wait for a pod of the build before, which will never be ready.
    if (again.revision !== undefined) Object.assign(again.revision, settings.apps[0].revision);
    return;
  }
  const [released] = settings.apps;
  again.revision = released.revision && { ...released.revision };
  const own = { ...released, ...(again.revision && { revision: again.revision }) };
  again.session = connect(run, withOwnApp(settings, own), again.stop);
  finished.resolve(again.session);
}

function screenOf(run: Run): Screen {
  const { request, sessionLine } = run;
  const toStdout = (text: string) => {
    run.isUnread ||= !print(1, text);
  };
  if (request.flags.output === 'json') return createJsonScreen(sessionLine ?? ((line) => toStdout(`${line}\n`)));
  const moves = sessionLine === undefined && process.stdout.isTTY && process.env['TERM'] !== 'dumb';
  return createTextScreen({
    // Beside a session's lines, those of a build are status lines.
    out: (text) => (sessionLine === undefined ? toStdout(text) : void print(2, text)),
    err: (text) => void print(2, text),
    quiet: request.flags.quiet,
    columns: moves ? () => process.stdout.columns || 80 : undefined,
  });
}
