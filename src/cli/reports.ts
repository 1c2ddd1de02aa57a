// Where a session's events, errors and end go: to the screen, to a program that reads JSON, into the record.
import { createDetachedRecord } from '../detached/background.ts';
import { createForegroundRecord } from '../detached/foreground-record.ts';
import type { RecordKeeper } from '../detached/kept-record.ts';
import type { Tell } from '../output/core/events.ts';
import { Output } from '../output/output.ts';
import { openOutputDevice } from '../output/output-device.ts';
import { createJsonPresenter } from '../output/present-json.ts';
import { openScreen, type Screen } from '../output/screen.ts';
import type { ConnectFlags, Settings } from '../request/core/settings.ts';
import { UserError } from '../values/errors.ts';

/** What is left of the output may go to a reader that has stopped reading. */
const FLUSH_MS = 300;

/** Where events and errors go: to the screen or the program that reads us, and into the record. */
export interface Reports {
  readonly tell: Tell;
  readonly output: Output;
  readonly screen: Screen;
  readonly record: RecordKeeper;
  /** Aborted when stdout takes nothing more, so that there is no point in going on. */
  readonly closed: AbortSignal;
  failed(error: UserError): void;
  /** Resolves when all output has left, or its reader does not take it. */
  end(code: number): Promise<void>;
}

export function openReports(settings: Settings): Reports {
  // COMMAND's stdout is its own, and the background half's is for the variables.
  const fd = settings.command !== undefined || settings.export ? 2 : 1;
  // Before any output is opened: it may make stderr a log.
  const record = settings.export ? createDetachedRecord(settings) : createForegroundRecord();
  const output = new Output(openOutputDevice(fd));
  const screen = openScreen(output, fd, settings);
  const json = settings.output === 'json' && !settings.export;
  const present = presenter(settings, output, screen);
  return {
    output,
    screen,
    record,
    // What is said on stderr matters less than the tunnels.
    closed: fd === 1 ? output.closed : new AbortController().signal,
    tell(event) {
      present(event);
      record.tell(event);
    },
    failed(error) {
      record.failed(error);
      if (json) writeError(output, error);
    },
    async end(code) {
      record.ended(code);
      if (json) output.writeLine(JSON.stringify({ type: 'exit', code }));
      await Promise.all([output.flush(FLUSH_MS), screen.flush(FLUSH_MS)]);
    },
  };
}

/** A mistake in the flags or in draft.toml is told like any other failure. */
export async function refuse(flags: ConnectFlags, error: unknown): Promise<never> {
  if (flags.output === 'json' && !flags.detach && !flags.export && error instanceof UserError) {
    const output = new Output(openOutputDevice(flags.command === undefined ? 1 : 2));
    writeError(output, error);
    output.writeLine(JSON.stringify({ type: 'exit', code: error.exitCode }));
    await output.flush(FLUSH_MS);
  }
  throw error;
}

function writeError(output: Output, error: UserError): void {
  output.writeLine(JSON.stringify({ type: 'error', message: error.message, hint: error.hint }));
}

function presenter(settings: Settings, output: Output, screen: Screen): Tell {
  if (!settings.export) {
    return settings.output === 'json'
      ? createJsonPresenter((line) => output.writeLine(line))
      : (event) => screen.tell(event);
  }
  // Its tunnels are told as variables.
  return (event) => event.kind !== 'tunnel-opened' && screen.tell(event);
}
