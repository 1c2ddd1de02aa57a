// `kubectl draft-connect [TARGET]`: joins a session to the terminal, the signals and the exit status.

import { lostVariables, variablesOf } from '../detached/core/variables.ts';
import { createLineFilter } from '../logs/line-filter.ts';
import { createLogSink } from '../logs/log-sink.ts';
import { containerLabel } from '../output/core/messages.ts';
import type { EarlyQuestions } from '../pods/find-pods.ts';
import { withDeployments } from '../pods/suggest-targets.ts';
import { type EndingSignal, EXIT_AFTER, listenForSignals, type Signals } from '../processes/signals.ts';
import { NothingNamed } from '../request/core/asked-apps.ts';
import type { ConnectFlags, Settings } from '../request/core/settings.ts';
import { type Described, describePlans } from '../session/core/describe-plan.ts';
import { withFormerPorts } from '../session/local-ports.ts';
import { runCommand } from '../session/run-command.ts';
import { previewSession, startSession } from '../session/session.ts';
import type { PlannedApp } from '../session/session-group.ts';
import type { Session, SessionDeps } from '../session/started-session.ts';
import { createDeferred } from '../values/deferred.ts';
import { EXIT, UserError } from '../values/errors.ts';
import type { BegunConnect } from './begin-connect.ts';
import { listenForKeys } from './keys.ts';
import { limitMemory } from './limit-memory.ts';
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
    const error = suggestSubcommand(caught, flags.targets[0]);
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
  const { settings, early, tell, signals, closed } = connecting;
  const abort = new AbortController();
  const interrupted = signals.first.then((signal) => {
    abort.abort(signal);
    return signal;
  });
  // The second signal is an order: no orderly end any more, the watchdog ends the children.
  void signals.second.then((signal) => process.exit(EXIT_AFTER[signal]));
  closed.addEventListener('abort', () => abort.abort('closed'));
  const deps: SessionDeps = { tell, early, signal: abort.signal, makeSink: makeSinks(connecting) };
  try {
    if (settings.dryRun) {
      const planned = await previewSession(settings, deps);
      if (settings.output === 'json') for (const app of planned) tellPlan(app, connecting);
      else showPlans(planned, connecting);
      return 0;
    }
    const session = await startSession(settings, deps);
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

/** What events and lines name an app by, where there are several. */
function nameAmong({ settings }: Connecting, app: string): string | undefined {
  return settings.apps.length > 1 ? app : undefined;
}

function makeSinks(connecting: Connecting): SessionDeps['makeSink'] {
  const { settings, output, screen, tell } = connecting;
  const { names } = screen;
  const json = settings.output === 'json';
  const warn = (message: string) => tell({ kind: 'warning', message });
  const decide = settings.lines && createLineFilter(settings.lines, names.coloured && !json, warn);
  return ({ app, timestamps, allPods }) =>
    ({ container, pod, containers }) => {
      const name = nameAmong(connecting, app);
      if (json) return createLogSink(output, { container, pod, decide, json: true, app: name });
      const labelOf = (each: string) => containerLabel(allPods ? `${pod}/${each}` : each, name);
      names.introduce(containers.map(labelOf));
      return createLogSink(output, { container, pod, decide, prefix: names.prefixOf(labelOf(container)), timestamps });
    };
}

function tellPlan({ settings: { app, addresses }, awaited, plan }: PlannedApp, connecting: Connecting): void {
  const name = nameAmong(connecting, app);
  const tunnels = plan.tunnels.map((tunnel) => ({ ...tunnel, app, addresses, pod: awaited.chosen.name }));
  for (const tunnel of tunnels) connecting.tell({ kind: 'tunnel-opened', tunnel, ...(name && { app: name }) });
}

function showPlans(apps: readonly PlannedApp[], connecting: Connecting): void {
  const { tell, output } = connecting;
  const fixed = new Set(apps.flatMap(({ plan }) => plan.tunnels.map(({ localPort }) => localPort)));
  const described = apps.map(({ settings: own, awaited: { chosen: pod, pods }, plan }): Described => {
    const tunnels = withFormerPorts(plan.tunnels, own).map(({ plan: tunnel, preferred }) => {
      return { ...tunnel, former: tunnel.localPort === 0 ? preferred.find((port) => !fixed.has(port)) : undefined };
    });
    return { settings: own, name: nameAmong(connecting, own.app), pod, pods: own.allPods ? pods : [pod], tunnels };
  });
  const { lines, warnings } = describePlans(described);
  for (const message of warnings) tell({ kind: 'warning', message });
  for (const line of lines) output.writeLine(line);
}

/** From the moment all tunnels work until something ends it. */
async function live(session: Session, connecting: Connecting, interrupted: Promise<EndingSignal>): Promise<number> {
  const { settings, record, closed, tell } = connecting;
  const lost = settings.command !== undefined || settings.export ? lostVariables(session.apps) : [];
  for (const message of lost) tell({ kind: 'warning', message });
  await record.opened(session.apps);
  await limitMemory();
  if (settings.command !== undefined) return serveCommand(settings.command, session, connecting);
  const unwritable = new Promise<void>((resolve) => closed.addEventListener('abort', () => resolve()));
  const completed = session.completed.then((message) => tell({ kind: 'note', message }));
  const ordered = createDeferred<void>();
  const hasKeys = !settings.export && settings.output === 'text';
  const keyboard = hasKeys ? listenForKeys(session, connecting, ordered.resolve) : undefined;
  if (keyboard !== undefined) session.lendTerminal(keyboard.pause);
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
  { signals, screen }: Connecting,
): Promise<number> {
  const abort = new AbortController();
  let problem: unknown;
  const completed = session.completed.then((message) => Promise.reject(new UserError(message)));
  Promise.race([session.broken, completed]).catch((error: unknown) => {
    problem = error;
    abort.abort();
  });
  const variables = variablesOf(session.apps);
  const takeBack = await screen.handOver();
  const { exitCode } = await runCommand(command, { variables, signals, abort: abort.signal }).finally(takeBack);
  if (problem !== undefined) throw problem;
  return exitCode;
}
