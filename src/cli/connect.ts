// `kubectl draft-connect [TARGET]`: joins a session to the terminal, the signals and the exit status.

import { exportVariables } from '../detached/core/variables.ts';
import { createLineFilter } from '../logs/line-filter.ts';
import { createLogSink } from '../logs/log-sink.ts';
import type { Plan } from '../pods/core/plan.ts';
import type { EarlyQuestions } from '../pods/find-pods.ts';
import { withDeployments } from '../pods/suggest-targets.ts';
import { type EndingSignal, EXIT_AFTER, listenForSignals, type Signals } from '../processes/signals.ts';
import { NothingNamed } from '../request/core/app-settings.ts';
import type { ConnectFlags, Settings } from '../request/core/settings.ts';
import { describePlan } from '../session/core/describe-plan.ts';
import { previewSession } from '../session/preview-session.ts';
import { runCommand } from '../session/run-command.ts';
import { type Session, type SessionDeps, startSession } from '../session/session.ts';
import { createDeferred } from '../values/deferred.ts';
import { EXIT, UserError } from '../values/errors.ts';
import type { BegunConnect } from './begin-connect.ts';
import { listenForKeys } from './keys.ts';
import { openReports, type Reports, refuse } from './reports.ts';
import { suggestSubcommand } from './subcommands.ts';

export async function runConnect(flags: ConnectFlags, begun: BegunConnect, argv: readonly string[]): Promise<number> {
  if (begun.kind === 'failed') {
    const { error } = begun;
    return refuse(flags, error instanceof NothingNamed ? await withDeployments(error) : error);
  }
  const { settings, warnings, early } = begun;
  if (settings.detach) return (await import('./detach.ts')).runDetach(settings, argv);
  const reports = openReports(settings);
  begun.onOutput?.((line) => reports.output.writeLine(line));
  for (const message of warnings) reports.tell({ kind: 'warning', message });
  const signals = listenForSignals({ background: settings.export });
  let code: number = EXIT.failed;
  try {
    code = await connect({ settings, early, signals, ...reports });
  } catch (caught) {
    const error = suggestSubcommand(caught, flags.target);
    code = error instanceof UserError ? error.exitCode : EXIT.bug;
    if (error instanceof UserError) reports.failed(error);
    throw error;
  } finally {
    early.first?.drop();
    early.place?.drop();
    signals.dispose();
    await begun.beforeEnd?.();
    await reports.end(code);
  }
  const { closed, output } = reports;
  if (closed.aborted && output.failure !== undefined) throw output.failure;
  return code;
}

interface Connecting extends Reports {
  readonly settings: Settings;
  readonly early: EarlyQuestions;
  readonly signals: Signals;
}

async function connect(connecting: Connecting): Promise<number> {
  const { settings, early, tell, output, screen, signals, closed } = connecting;
  const abort = new AbortController();
  const interrupted = signals.first.then((signal) => {
    abort.abort(signal);
    return signal;
  });
  // The second signal is an order: no orderly end any more, the watchdog ends the children.
  void signals.second.then((signal) => process.exit(EXIT_AFTER[signal]));
  closed.addEventListener('abort', () => abort.abort('closed'));
  const [app] = settings.apps;
  const warn = (message: string) => tell({ kind: 'warning', message });
  const decide =
    settings.lines && createLineFilter(settings.lines, screen.names.coloured && settings.output === 'text', warn);
  const deps: SessionDeps = {
    tell,
    early,
    signal: abort.signal,
    checksFirst: settings.command !== undefined || settings.export,
    makeSink: !app.logs
      ? undefined
      : ({ container, pod, containers }) => {
          if (settings.output === 'json') return createLogSink(output, { container, pod, decide, json: true });
          screen.names.introduce(containers);
          const prefix = screen.names.prefixOf(container);
          return createLogSink(output, { container, pod, decide, prefix, timestamps: app.timestamps });
        },
  };
  try {
    if (settings.dryRun) {
      const { pod, plan } = await previewSession(app, deps);
      showPlan(plan, pod, connecting);
      return 0;
    }
    const session = await startSession(app, deps);
    try {
      return await live(session, connecting, interrupted);
    } finally {
      await session.stop();
    }
  } catch (error) {
    if (error === 'closed') return 0;
    if (abort.signal.aborted && error === abort.signal.reason) return EXIT_AFTER[await interrupted];
    throw error;
  }
}

function showPlan(plan: Plan, pod: string, connecting: Connecting): void {
  const { settings, tell, output } = connecting;
  const [{ addresses }] = settings.apps;
  if (settings.output === 'json') {
    for (const tunnel of plan.tunnels) tell({ kind: 'tunnel-opened', tunnel: { ...tunnel, addresses, pod } });
  } else for (const line of describePlan(plan, pod, addresses)) output.writeLine(line);
}

/** From the moment all tunnels work until something ends it. */
async function live(session: Session, connecting: Connecting, interrupted: Promise<EndingSignal>): Promise<number> {
  const { settings, record, closed } = connecting;
  await record?.opened(session);
  if (settings.command !== undefined) return serveCommand(settings.command, session, connecting);
  const unwritable = new Promise<void>((resolve) => closed.addEventListener('abort', () => resolve()));
  const completed = session.completed.then((message) => connecting.tell({ kind: 'note', message }));
  const ordered = createDeferred<void>();
  const hasKeys = !settings.export && settings.output === 'text';
  const keyboard = hasKeys ? listenForKeys(session, connecting, ordered.resolve) : undefined;
  try {
    await Promise.race([interrupted, unwritable, ordered.promise, session.broken, completed]);
    return 0;
  } finally {
    await keyboard?.stop();
  }
}

async function serveCommand(
  command: readonly string[],
  session: Session,
  { settings, signals, screen }: Connecting,
): Promise<number> {
  const abort = new AbortController();
  let problem: unknown;
  const completed = session.completed.then((message) => Promise.reject(new UserError(message)));
  Promise.race([session.broken, completed]).catch((error: unknown) => {
    problem = error;
    abort.abort();
  });
  const variables = exportVariables(settings.apps[0].app, session.tunnels);
  const takeBack = screen.handOver();
  const { exitCode } = await runCommand(command, { variables, signals, abort: abort.signal }).finally(takeBack);
  if (problem !== undefined) throw problem;
  return exitCode;
}
