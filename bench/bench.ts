// What a bench is: a name to ask for it by, and rows it finds out at a place.
import type { Place } from './place.ts';
import type { Row } from './report.ts';

export interface BenchContext {
  readonly place: Place;
  /** A few rounds and little work: enough to see a gross regression. */
  readonly short: boolean;
  /** Path of stern, where it was given. */
  readonly stern: string | undefined;
  /** Of a flood, where it was given. */
  readonly logLines: number | undefined;
  /** Of `patterns`: these alone; all where there is none. */
  readonly only: readonly string[];
  /** Of `patterns`: a bare relay is played, too. */
  readonly relay: boolean;
}

export interface Bench {
  readonly name: string;
  readonly measure: (context: BenchContext) => Promise<readonly Row[]>;
}
