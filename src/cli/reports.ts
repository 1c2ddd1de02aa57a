// Where a session's events, errors and end go: to the screen, to a program that reads JSON, into the record.
import { isatty } from 'node:tty';
import { createDetachedRecord, type DetachedRecord } from '../detached/background.ts';
import { appearanceOf, type Stream } from '../output/core/appearance.ts';
import type { Tell } from '../output/core/events.ts';
import { ContainerNames } from '../output/core/prefix.ts';
import { renderStatus } from '../output/core/status-line.ts';
import { createOutput, type Output } from '../output/output.ts';
import { openOutputDevice } from '../output/output-device.ts';
import { createJsonPresenter } from '../output/present-json.ts';
import { createTextPresenter, type TextPresenterOptions } from '../output/present-text.ts';
import type { ConnectFlags, Settings } from '../request/core/settings.ts';
import { UserError } from '../values/errors.ts';

/** What is left of the output may go to a reader that has stopped reading. */
const FLUSH_MS = 300;

/** Where events and errors go: to the screen or the program that reads us, and in the background into the record. */
export interface Reports {
  readonly tell: Tell;
  readonly output: Output;
  readonly names: ContainerNames;
  readonly record: DetachedRecord | undefined;
  /** Aborted when stdout takes nothing more, so that there is no point in going on. */
  readonly closed: AbortSignal;
  failed(error: UserError): void;
  /** Resolves when all output has left, or its reader does not take it. */
  end(code: number): Promise<void>;
}

export function openReports(settings: Settings): Reports {
  // COMMAND's stdout is its own, and the background half's is for the variables.
  const fd = settings.command !== undefined || settings.export ? 2 : 1;
  const output = createOutput(openOutputDevice(fd));
  const look = (stream: Stream) => appearanceOf(stream, settings.color, process.env, process.platform);
  const appearance = look(fd === 1 ? process.stdout : process.stderr);
  const names = new ContainerNames(appearance);
  const record = settings.export ? createDetachedRecord(settings) : undefined;
  const showsLogs = settings.apps.some(({ logs }) => logs);
  // Opened with the first note: most sessions have none.
  let notes: Output | undefined;
  const errAppearance = look({ isTTY: isatty(2) });
  const present = presenter(settings, output, {
    names,
    appearance,
    quiet: settings.quiet,
    writeErr(line, weight) {
      notes ??= fd === 2 && showsLogs ? output : createOutput(openOutputDevice(2));
      notes.writeLine(renderStatus(line, weight, errAppearance));
    },
  });
  const json = settings.output === 'json' && !settings.export;
  return {
    output,
    names,
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
export async function refuse(flags: ConnectFlags, error: unknown): Promise<never> {
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

function presenter(settings: Settings, output: Output, options: Omit<TextPresenterOptions, 'writeOut'>): Tell {
  if (settings.output === 'json' && !settings.export) return createJsonPresenter((line) => output.writeLine(line));
  return createTextPresenter({
    ...options,
    writeOut: (line) => {
      if (!settings.export) output.writeLine(line);
    },
  });
}
