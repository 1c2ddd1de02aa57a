// Runs a builder, helm or a deploy command to its end and hands on what it says, line by line.
import { StringDecoder } from 'node:string_decoder';
import { startChild } from '../processes/child.ts';
import { whyNotStarted } from '../processes/started-child.ts';
import type { Call } from './core/builder.ts';

export type ToolEnd =
  | { readonly kind: 'succeeded'; readonly stdout: string }
  /** `how`: `exit status 1`, or a signal's name; `lines`: what it said last. */
  | { readonly kind: 'failed'; readonly how: string; readonly lines: readonly string[] }
  /** It said nothing for so long that it was ended. */
  | { readonly kind: 'silent'; readonly lines: readonly string[] }
  /** `why`: undefined when there is no such program. */
  | { readonly kind: 'not-started'; readonly why: string | undefined };

export interface ToolOptions {
  /** Ends the tool; then the call rejects with the signal's reason. */
  readonly signal: AbortSignal;
  readonly onLine?: (line: string) => void;
  /** How long it may say nothing; undefined is for ever. */
  readonly silenceMs?: number;
}

export type RunTool = (call: Call, options: ToolOptions) => Promise<ToolEnd>;

/** helm marks its release as failed within 0.2 s; killed before, it would leave it pending for ever. */
const STOP_GRACE_MS = 5_000;
/** An answer to a question of ours; what a build prints is only shown. */
const MAX_STDOUT = 4 * 1024 * 1024;
const MAX_LINE = 64 * 1024;
const KEPT_LINES = 40;

export const runTool: RunTool = async ({ program, args, env }, { signal, onLine, silenceMs }) => {
  signal.throwIfAborted();
  // What speeds kubectl up is none of a build's business.
  const child = startChild(program, args, { env: { GOGC: process.env['GOGC'], ...env } });
  const lines: string[] = [];
  let stdout = '';
  let silent = false;
  let timer: NodeJS.Timeout | undefined;
  const stop = () => void child.stop(STOP_GRACE_MS);
  const heard = () => {
    clearTimeout(timer);
    if (silenceMs === undefined) return;
    timer = setTimeout(() => {
      silent = true;
      stop();
    }, silenceMs);
  };
  const keep = (line: string) => {
    if (lines.push(line) > KEPT_LINES) lines.shift();
    onLine?.(line);
  };
  const readers = [createLineReader(keep), createLineReader(keep)] as const;
  for (const [index, stream] of [child.stdout, child.stderr].entries()) {
    stream.on('data', (chunk: Buffer) => {
      heard();
      if (index === 0 && stdout.length < MAX_STDOUT) stdout += chunk.toString();
      readers[index]?.write(chunk);
    });
  }
  heard();
  signal.addEventListener('abort', stop);
  const end = await child.ended;
  clearTimeout(timer);
  signal.removeEventListener('abort', stop);
  // podman ends with 0 when it is asked to end.
  signal.throwIfAborted();
  for (const reader of readers) reader.end();
  if (end.startError !== undefined) return { kind: 'not-started', why: whyNotStarted(program, end.startError) };
  if (silent) return { kind: 'silent', lines };
  return end.exitCode === 0
    ? { kind: 'succeeded', stdout }
    : { kind: 'failed', how: end.signal ?? `exit status ${end.exitCode}`, lines };
};

function createLineReader(onLine: (line: string) => void): { write(chunk: Buffer): void; end(): void } {
  const decoder = new StringDecoder('utf8');
  let open = '';
  return {
    write(chunk) {
      const [first = '', ...rest] = decoder.write(chunk).split('\n');
      let line = open + first;
      for (const next of rest) {
        onLine(line.replace(/\r$/, ''));
        line = next;
      }
      open = line;
      if (open.length <= MAX_LINE) return;
      onLine(open);
      open = '';
    },
    end() {
      open += decoder.end();
      if (open !== '') onLine(open);
      open = '';
    },
  };
}
