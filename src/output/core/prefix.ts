// Containers' names as they are shown: in `Connect to` lines, and as the `[container]: ` before log lines. On a terminal
// all prefixes have one width, which grows with the containers that come.
import { Buffer } from 'node:buffer';
import type { Appearance } from './appearance.ts';
import { Palette } from './palette.ts';

/** Stands before each line of one container. */
export interface Prefix {
  readonly bytes: Uint8Array;
}

/** Wider names stand out to the right. */
const MOST_COLUMNS = 24;
/** Of a narrow terminal, lines keep three quarters. */
const MOST_OF_TERMINAL = 1 / 4;

export class ContainerNames {
  readonly #palette: Palette | undefined;
  readonly #mostColumns: number;
  readonly #prefixes = new Map<string, { bytes: Uint8Array }>();
  #columns = 0;

  constructor({ colors, columns = 0 }: Pick<Appearance, 'colors' | 'columns'>) {
    this.#palette = colors && new Palette(colors);
    this.#mostColumns = Math.min(MOST_COLUMNS, Math.floor(columns * MOST_OF_TERMINAL));
  }

  get coloured(): boolean {
    return this.#palette !== undefined;
  }

  /** All containers of a pod, in its order: none has another one's colour. */
  introduce(names: readonly string[]): void {
    this.#palette?.add(names);
  }

  /** For `Connect to` lines. */
  render(name: string): string {
    return this.#paint(name, name);
  }

  /** Changes when wider ones come. */
  prefixOf(name: string): Prefix {
    const prefix = this.#prefixes.get(name) ?? { bytes: new Uint8Array() };
    this.#prefixes.set(name, prefix);
    const columns = Math.max(this.#columns, Math.min(bracketed(name).length, this.#mostColumns));
    if (columns === this.#columns) prefix.bytes = this.#bytesOf(name);
    else {
      this.#columns = columns;
      for (const [each, other] of this.#prefixes) other.bytes = this.#bytesOf(each);
    }
    return prefix;
  }

  #bytesOf(name: string): Uint8Array {
    const text = bracketed(name);
    return Buffer.from(`${this.#paint(name, text)}${' '.repeat(Math.max(0, this.#columns - text.length) + 1)}`);
  }

  #paint(name: string, text: string): string {
    return this.#palette === undefined ? text : `\x1b[${this.#palette.colorOf(name)}m${text}\x1b[0m`;
  }
}

function bracketed(name: string): string {
  return `[${name}]:`;
}
