// `kubectl draft-connect [TARGET]`: joins a session to the terminal, the signals and the exit status.

import { createDetachedRecord, type DetachedRecord } from '../detached/background.ts';
import { exportVariables } from '../detached/core/variables.ts';
import { createLogSink } from '../logs/log-sink.ts';
import { wantsColor } from '../output/color.ts';
import type { Tell } from '../output/core/events.ts';
import { renderPrefix } from '../output/core/prefix.ts';
import { createOutput, type Output } from '../output/output.ts';
import { openOutputDevice } from '../output/output-device.ts';
import { createJsonPresenter } from '../output/present-json.ts';
import { createTextPresenter } from '../output/present-text.ts';
import type { Plan } from '../pods/core/plan.ts';
import type { EarlyQuestions } from '../pods/find-pods.ts';
import { type EndingSignal, EXIT_AFTER, listenForSignals, type Signals } from '../processes/signals.ts';
import type { ConnectFlags, Settings } from '../request/core/settings.ts';
import { describePlan } from '../session/core/describe-plan.ts';
import { previewSession } from '../session/preview-session.ts';
import { runCommand } from '../session/run-command.ts';
import { type Session, type SessionDeps, startSession } from '../session/session.ts';
import { EXIT, UserError } from '../values/errors.ts';
import type { BegunConnect } from './begin-connect.ts';
import { suggestSubcommand } from './subcommands.ts';

/** What is left of the output may go to a reader that has stopped reading. */
const FLUSH_MS = 300;

export async function runConnect(flags: ConnectFlags, begun: BegunConnect, argv: readonly string[]): Promise<number> {
  if (begun.kind === 'failed') return refuse(flags, begun.error);
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
    await reports.end(code);
  }
  const { closed, output } = reports;
  if (closed.aborted && output.failure !== undefined) throw output.failure;
  return code;
}

/** Where events and errors go: to the screen or the program that reads us, and in the background into the record. */
interface Reports {
  readonly tell: Tell;
  readonly output: Output;
  readonly color: boolean;
  readonly record: DetachedRecord | undefined;
  /** Aborted when stdout takes nothing more, so that there is no point in going on. */
  readonly closed: AbortSignal;
  failed(error: UserError): void;
  /** Resolves when all output has left, or its reader does not take it. */
  end(code: number): Promise<void>;
}

function openReports(settings: Settings): Reports {
  // COMMAND's stdout is its own, and the background half's is for the variables.
  const fd = settings.command !== undefined || settings.export ? 2 : 1;
  const output = createOutput(openOutputDevice(fd));
  const color = wantsColor(settings.color, fd === 1 ? process.stdout : process.stderr);
  const record = settings.export ? createDetachedRecord(settings) : undefined;
  // Opened with the first note: most sessions have none.
  let notes: Output | undefined;
  const present = presenter(settings, output, color, (line) => {
    notes ??= fd === 2 && settings.logs ? output : createOutput(openOutputDevice(2));
    notes.writeLine(line);
  });
  const json = settings.output === 'json' && !settings.export;
  return {
    output,
    color,
    record,
    // What is said on stderr matters less than the tunnels.
    closed: fd === 1 ? output.closed : new AbortController().signal,
    tell(event) {
      present(event);
      record?.tell(event);
    },
    failed(error) {
      record?.failed(error);
      if (json) writeError(output, error);
    },
    async end(code) {
      // A session that failed leaves its record, so that `list` can name its log.
      if (code === 0) record?.remove();
      if (json) output.writeLine(JSON.stringify({ type: 'exit', code }));
      await Promise.all([output.flush(FLUSH_MS), notes?.flush(FLUSH_MS)]);
    },
  };
}

/** A mistake in the flags or in draft.toml is told like any other failure. */
async function refuse(flags: ConnectFlags, error: unknown): Promise<never> {
  if (flags.output === 'json' && !flags.detach && !flags.export && error instanceof UserError) {
    const output = createOutput(openOutputDevice(flags.command === undefined ? 1 : 2));
    writeError(output, error);
    output.writeLine(JSON.stringify({ type: 'exit', code: error.exitCode }));
    await output.flush(FLUSH_MS);
  }
  throw error;
}

function writeError(output: Output, error: UserError): void {
  output.writeLine(JSON.stringify({ type: 'error', message: error.message, hint: error.hint }));
}

function presenter(settings: Settings, output: Output, color: boolean, writeErr: (line: string) => void): Tell {
  if (settings.output === 'json' && !settings.export) return createJsonPresenter((line) => output.writeLine(line));
  return createTextPresenter({
    writeOut: (line) => {
      if (!settings.export) output.writeLine(line);
    },
    writeErr,
    color,
  });
}

interface Connecting extends Reports {
  readonly settings: Settings;
  readonly early: EarlyQuestions;
  readonly signals: Signals;
}

async function connect(connecting: Connecting): Promise<number> {
  const { settings, early, tell, output, color, signals, closed } = connecting;
  const abort = new AbortController();
  const interrupted = signals.first.then((signal) => {
    abort.abort(signal);
    return signal;
  });
  // The second signal is an order: no orderly end any more, the watchdog ends the children.
  void signals.second.then((signal) => process.exit(EXIT_AFTER[signal]));
  closed.addEventListener('abort', () => abort.abort('closed'));
  const deps: SessionDeps = {
    tell,
    early,
    signal: abort.signal,
    makeSink: !settings.logs
      ? undefined
      : ({ container, pod }) => {
          if (settings.output === 'json') return createLogSink(output, { container, pod, json: true });
          const prefixBytes = Buffer.from(renderPrefix(container, color));
          return createLogSink(output, { container, pod, prefixBytes, timestamps: settings.timestamps });
        },
  };
  try {
    if (settings.dryRun) {
      const { pod, plan } = await previewSession(settings, deps);
      showPlan(plan, pod, connecting);
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

function showPlan(plan: Plan, pod: string, connecting: Connecting): void {
  const { settings, tell, output } = connecting;
  const { addresses } = settings;
  if (settings.output === 'json') {
    for (const tunnel of plan.tunnels) tell({ kind: 'tunnel-opened', tunnel: { ...tunnel, addresses, pod } });
  } else for (const line of describePlan(plan, pod, addresses)) output.writeLine(line);
}

/** From the moment all tunnels work until something ends it. */
async function live(session: Session, connecting: Connecting, interrupted: Promise<EndingSignal>): Promise<number> {
  const { settings, record, signals, closed } = connecting;
  await record?.opened(session);
  if (settings.command !== undefined) return serveCommand(settings.command, settings.app, session, signals);
  const unwritable = new Promise<void>((resolve) => closed.addEventListener('abort', () => resolve()));
  await Promise.race([interrupted, unwritable, session.broken]);
  return 0;
}

async function serveCommand(
  command: readonly string[],
  app: string,
  session: Session,
  signals: Signals,
): Promise<number> {
  const abort = new AbortController();
  let problem: unknown;
  session.broken.catch((error: unknown) => {
    problem = error;
    abort.abort();
  });
  const variables = exportVariables(app, session.tunnels);
  const { exitCode } = await runCommand(command, { variables, signals, abort: abort.signal });
  if (problem !== undefined) throw problem;
  return exitCode;
}
