// Lines of kubectl's own low-volume output (events, JSON, messages), never longer than a limit; log bytes do not come
// this way. The only module that knows split2. Its own limit drops a long line silently, and only one that spans several
// chunks. We want the start of the line and to know that it was cut, so we cut it before split2 sees it.
import type { Readable } from 'node:stream';
import split2 from 'split2';

const NEWLINE = 0x0a;
/**
 * Bytes in one piece after which the event loop gets a turn. Node goes on reading from a pipe that does not run dry, and
 * tens of thousands of short lines in each piece would keep everything else waiting, signals too.
 */
const FLOOD_BYTES = 16 * 1024;

/**
 * Calls `onLine` for each line, without its `\n` or `\r\n`; `cut` if it was longer than the limit. Resolves when the
 * last line has been passed on, also one without newline and also when the stream broke off; never rejects.
 * @param options.maxLength in bytes; the rest of a longer line is dropped
 */
export function readLines(
  stream: Readable,
  onLine: (line: string, cut: boolean) => void,
  { maxLength }: { readonly maxLength: number },
): Promise<void> {
  /** Ordinals of lines that were cut and not passed on yet. */
  const cuts: number[] = [];
  let passedOn = 0;
  let begun = 0;
  let length = 0;
  const splitter = split2((line: string) => {
    const cut = cuts[0] === passedOn;
    if (cut) cuts.shift();
    passedOn += 1;
    onLine(line, cut);
  });
  const write = (chunk: Buffer) => {
    let from = 0;
    while (from < chunk.length) {
      const newline = chunk.indexOf(NEWLINE, from);
      const to = newline === -1 ? chunk.length : newline;
      const kept = Math.min(to, from + Math.max(0, maxLength - length));
      if (kept > from) splitter.write(chunk.subarray(from, kept));
      if (kept < to && cuts.at(-1) !== begun) cuts.push(begun);
      length += to - from;
      if (newline === -1) return;
      splitter.write('\n');
      begun += 1;
      length = 0;
      from = newline + 1;
    }
  };
  const take = (chunk: Buffer) => {
    write(chunk);
    if (chunk.length < FLOOD_BYTES) return;
    stream.pause();
    setImmediate(() => stream.resume());
  };
  return new Promise((resolve) => {
    splitter.on('finish', resolve).resume();
    stream.on('data', take);
    stream.on('error', () => {});
    stream.once('end', () => splitter.end());
    stream.once('close', () => splitter.end());
  });
}
