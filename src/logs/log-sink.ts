// From one container's lines to the output: renders them and hands them on at the reader's pace.
import type { Prefix } from '../output/core/prefix.ts';
import type { Output } from '../output/output.ts';
import { type Decide, FilteredLines } from './core/filtered-lines.ts';
import { jsonRenderer, type LineTaker, textRenderer } from './core/line-renderers.ts';

/** Where one container's lines go. */
export type LogSink = ReturnType<typeof createLogSink>;

export type LogSinkOptions = {
  readonly container: string;
  readonly pod: string;
  /** Without it all lines are shown. */
  readonly decide?: Decide | undefined;
} & (
  | { readonly prefix: Prefix; readonly timestamps: boolean }
  | { readonly json: true; readonly app: string | undefined }
);

export function createLogSink(output: Output, options: LogSinkOptions) {
  const renderer =
    'json' in options
      ? jsonRenderer(options.container, options.pod, options.app)
      : textRenderer(options.prefix, options.timestamps);
  const { batch } = renderer;
  const lines: LineTaker = options.decide === undefined ? renderer : new FilteredLines(renderer, options.decide);
  let draining = false;
  let drained = Promise.resolve();
  let wasOpen = false;
  const drain = async (taken: () => void) => {
    draining = true;
    for (;;) {
      const bytes = batch.take();
      const { open } = batch;
      taken();
      // Also without bytes: the end of an open line releases the output.
      if (bytes.length === 0 && open === wasOpen) break;
      wasOpen = open;
      await output.write(bytes, renderer, open);
      batch.left();
    }
    draining = false;
  };
  return {
    lines,
    /**
     * Passes on what the lines' batch releases, until nothing is left; `taken` is called right after each take. More
     * may be rendered meanwhile, for the same call to take.
     */
    drain(taken: () => void): Promise<void> {
      lines.settle();
      if (!draining) drained = drain(taken);
      return drained;
    },
  };
}
