// Whether a log line is shown, and where it is highlighted. Lines are matched as text and passed on as bytes: UTF-8 is
// read as such, any other line as Latin-1.
import { Buffer, isAscii, isUtf8 } from 'node:buffer';
import type { LinePatterns, Pattern } from '../../request/core/patterns.ts';

/** Byte ranges to highlight in a line that is shown, start and end in turn. */
export type Ranges = readonly number[];
export type LineVerdict = Ranges | 'dropped';

/** Lines in a buffer: of each the place of its timestamp, its text and its end, one after another in `marks`. */
export interface HeldLines {
  readonly bytes: Buffer;
  readonly marks: readonly number[];
}

export const MARKS_PER_LINE = 3;
/** A pattern that has taken too long for so many lines is not applied any more. */
export const MOST_SLOW_LINES = 3;

const NOTHING: Ranges = [];
const CR = 13;

/** One for all containers of a session. */
export class LineMatcher {
  readonly #patterns: LinePatterns;
  readonly #marking: readonly (readonly [Pattern, RegExp])[];
  readonly #slowLines = new Map<Pattern, number>();
  /** The one that is being matched. */
  #current: Pattern | undefined;

  /** @param highlights what is included is highlighted, too, as stern has it */
  constructor(patterns: LinePatterns, highlights: boolean) {
    this.#patterns = patterns;
    this.#marking = (highlights ? [...patterns.include, ...patterns.highlight] : []).map((pattern) => [
      pattern,
      new RegExp(pattern.regexp, `${pattern.regexp.flags}g`),
    ]);
  }

  /** Appends to `verdicts` what those lines lack. It may be interrupted and called again at any time. */
  decide({ bytes, marks }: HeldLines, verdicts: LineVerdict[]): void {
    const start = marks[0] ?? 0;
    const all = bytes.subarray(start, marks.at(-1));
    // Parts of one string take two thirds of the time that a string for each line takes.
    const ascii = isAscii(all) ? all.toString('latin1') : undefined;
    for (let at = verdicts.length * MARKS_PER_LINE; at < marks.length; at += MARKS_PER_LINE) {
      const from = marks[at + 1] as number;
      const end = marks[at + 2] as number;
      const to = end > from && bytes[end - 1] === CR ? end - 1 : end;
      const wide = ascii === undefined && isUtf8(bytes.subarray(from, to));
      const text = ascii?.slice(from - start, to - start) ?? bytes.toString(wide ? 'utf8' : 'latin1', from, to);
      verdicts.push(this.#verdict(text, wide));
    }
    this.#current = undefined;
  }

  /**
   * `decide` took too long for a line, and was interrupted. Returns the pattern that it was at, and for how many lines
   * that has happened.
   */
  tooSlow(): { readonly pattern: Pattern; readonly lines: number } | undefined {
    const pattern = this.#current;
    if (pattern === undefined) return undefined;
    const lines = (this.#slowLines.get(pattern) ?? 0) + 1;
    this.#slowLines.set(pattern, lines);
    return { pattern, lines };
  }

  #verdict(text: string, wide: boolean): LineVerdict {
    const { include, exclude } = this.#patterns;
    if (include.length > 0 && !include.some((pattern) => this.#test(pattern, text, true))) return 'dropped';
    if (exclude.some((pattern) => this.#test(pattern, text, false))) return 'dropped';
    return this.#marking.length === 0 ? NOTHING : this.#ranges(text, wide);
  }

  #test(pattern: Pattern, text: string, otherwise: boolean): boolean {
    if (!this.#applies(pattern)) return otherwise;
    this.#current = pattern;
    return pattern.regexp.test(text);
  }

  #applies(pattern: Pattern): boolean {
    return (this.#slowLines.get(pattern) ?? 0) < MOST_SLOW_LINES;
  }

  #ranges(text: string, wide: boolean): Ranges {
    const found: (readonly [number, number])[] = [];
    for (const [pattern, all] of this.#marking) {
      if (!this.#applies(pattern)) continue;
      this.#current = pattern;
      for (const { 0: match, index } of text.matchAll(all)) {
        if (match !== '') found.push([index, index + match.length]);
      }
    }
    if (found.length === 0) return NOTHING;
    const ends = outsideEscapes(text, united(found));
    return wide ? inBytes(text, ends) : ends;
  }
}

/** Those that touch or overlap become one. */
function united(ranges: (readonly [number, number])[]): number[] {
  const ends: number[] = [];
  for (const [from, to] of ranges.sort(([a], [b]) => a - b)) {
    const last = ends.at(-1);
    if (last === undefined || from > last) ends.push(from, to);
    else ends[ends.length - 1] = Math.max(last, to);
  }
  return ends;
}

// CSI (colours) and OSC (links), each as far as it goes, and the short ones: ECMA-48, 5.3 to 5.6.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they begin with one
const ESCAPES = /\x1b(?:\[[0-?]*[ -/]*[@-~]?|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~])/g;

/** A mark inside an escape sequence would break it; and after one that resets all, the rest needs a mark of its own. */
function outsideEscapes(text: string, ends: number[]): number[] {
  if (!text.includes('\x1b')) return ends;
  const parts: number[] = [];
  const escapes = [...text.matchAll(ESCAPES)].map(({ 0: found, index }) => [index, index + found.length] as const);
  let next = 0;
  for (let i = 0; i < ends.length; i += 2) {
    let from = ends[i] as number;
    const to = ends[i + 1] as number;
    for (; next < escapes.length; next++) {
      const [start, end] = escapes[next] as readonly [number, number];
      if (start >= to) break;
      if (start > from) parts.push(from, start);
      from = Math.max(from, end);
      // The next range may begin in it.
      if (end > to) break;
    }
    if (from < to) parts.push(from, to);
  }
  return parts;
}

/** What begins or ends between the two halves of a character has all of it. */
function inBytes(text: string, indexes: readonly number[]): Ranges {
  let index = 0;
  let bytes = 0;
  return indexes.map((place, i) => {
    const splits = (text.codePointAt(place - 1) ?? 0) > 0xffff;
    const next = splits ? place + (i % 2 === 0 ? -1 : 1) : place;
    bytes += Buffer.byteLength(text.slice(index, next));
    index = next;
    return bytes;
  });
}
