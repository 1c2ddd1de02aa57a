// `kubectl draft-connect [TARGET]`: joins a session to the terminal, the signals and the exit status.
import { EXIT, UserError } from '../core/errors.ts';
import type { Tell } from '../core/events.ts';
import { describePlan } from '../core/messages.ts';
import { type ConnectFlags, makeSettings, type Settings } from '../core/settings.ts';
import { wantsColor } from '../edge/color.ts';
import { createOutput, createSink, type Output } from '../edge/output.ts';
import { createJsonPresenter } from '../edge/present-json.ts';
import { createTextPresenter } from '../edge/present-text.ts';
import { type EndingSignal, listenForSignals, type Signals } from '../edge/signals.ts';
import { previewSession, type Session, type SessionDeps, startSession } from '../session/session.ts';
import { loadEnvironment } from './environment.ts';

/** Interrupted before anything was connected: the shell's own way to say so. */
const INTERRUPTED: Readonly<Record<EndingSignal, number>> = {
  SIGHUP: 129,
  SIGINT: EXIT.interrupted,
  SIGTERM: EXIT.terminated,
};

/** What is left of the output may go to a reader that has stopped reading. */
const FLUSH_MS = 300;

export async function runConnect(flags: ConnectFlags, argv: readonly string[]): Promise<number> {
  const { environment, warnings } = loadEnvironment(flags.file, flags.environment);
  const settings = makeSettings(flags, environment, process.env);
  if (settings.detach) return (await import('./detach.ts')).runDetach(settings, argv);
  const output = createOutput();
  const json = settings.output === 'json';
  const tell = presenter(settings, output);
  for (const message of warnings) tell({ kind: 'warning', message });
  const signals = listenForSignals({ background: settings.export });
  let code: number = EXIT.failed;
  try {
    code = await connect(settings, tell, output, signals);
    return code;
  } catch (error) {
    if (json && error instanceof UserError) {
      output.writeLine(JSON.stringify({ type: 'error', message: error.message, hint: error.hint }));
      code = error.exitCode;
    }
    throw error;
  } finally {
    signals.dispose();
    if (json) output.writeLine(JSON.stringify({ type: 'exit', code }));
    await output.flush(FLUSH_MS);
  }
}

function presenter(settings: Settings, output: Output): Tell {
  if (settings.output === 'json' && !settings.export) return createJsonPresenter((line) => output.writeLine(line));
  return createTextPresenter({
    writeOut: (line) => {
      if (!settings.export && settings.command === undefined) output.writeLine(line);
    },
    writeErr: (line) => process.stderr.write(`${line}\n`),
    color: wantsColor(settings.color, process.stdout),
  });
}

async function connect(settings: Settings, tell: Tell, output: Output, signals: Signals): Promise<number> {
  const abort = new AbortController();
  const interrupted = signals.first.then((signal) => {
    abort.abort(signal);
    return signal;
  });
  // The second signal is an order: no orderly end any more, the watchdog ends the children.
  void signals.second.then((signal) => process.exit(INTERRUPTED[signal]));
  output.closed.addEventListener('abort', () => abort.abort('closed'));
  const deps: SessionDeps = {
    tell,
    signal: abort.signal,
    makeSink: settings.logs ? (place) => createSink(output, settings, place) : undefined,
  };
  try {
    if (settings.dryRun) {
      const { pod, plan } = await previewSession(settings, deps);
      for (const message of plan.notes) tell({ kind: 'note', message });
      for (const line of describePlan(plan, pod.chosen.name, settings.addresses)) output.writeLine(line);
      return 0;
    }
    const session = await startSession(settings, deps);
    try {
      return await live(session, interrupted, output);
    } finally {
      await session.stop();
    }
  } catch (error) {
    if (error === 'closed') return 0;
    if (abort.signal.aborted && error === abort.signal.reason) return INTERRUPTED[await interrupted];
    throw error;
  }
}

/** From the moment all tunnels work until something ends it. */
async function live(session: Session, interrupted: Promise<EndingSignal>, output: Output): Promise<number> {
  const closed = new Promise<void>((resolve) => output.closed.addEventListener('abort', () => resolve()));
  await Promise.race([interrupted, closed, session.broken]);
  return 0;
}
