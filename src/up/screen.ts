// Where `up` is shown: as the reference text has it, with a spinner on a terminal, or as JSON for programs.
import {
  buildLines,
  type StageName,
  type StageResult,
  spinnerLine,
  stageLine,
  stageTitle,
  startedLine,
} from './core/screen.ts';

export interface StageView {
  /** The tool's last line. */
  said(line: string): void;
  /** @param lines what the tool said last, shown where the stage failed */
  ended(result: StageResult, ms: number, lines: readonly string[]): void;
}

export interface Built {
  readonly app: string;
  readonly buildId: string;
  /** Undefined when a command deployed it, or the build failed. */
  readonly image: string | undefined;
}

export interface Screen {
  started(app: string): void;
  stage(app: string, stage: StageName, program: string): StageView;
  note(text: string): void;
  warn(text: string): void;
  built(build: Built): void;
}

type Write = (text: string) => void;

const FRAME_MS = 100;
const CLEAR = '\r\u001b[2K';

export interface TextScreenOptions {
  readonly out: Write;
  readonly err: Write;
  readonly quiet: boolean;
  /** The terminal's width; undefined where `out` is none, and nothing moves. */
  readonly columns: (() => number) | undefined;
}

export function createTextScreen({ out, err, quiet, columns }: TextScreenOptions): Screen {
  const say: Write = (line) => {
    if (!quiet) out(`${line}\n`);
  };
  return {
    started: (app) => say(startedLine(app)),
    stage(app, stage, program) {
      const title = stageTitle(app, stage, program);
      const spinner = quiet || columns === undefined ? undefined : spin(title, out, columns);
      return {
        said: (line) => spinner?.said(line),
        ended(result, ms, lines) {
          spinner?.stop();
          say(stageLine(title, result, ms));
          if (result === 'failed' && lines.length > 0) err(`${lines.join('\n')}\n`);
        },
      };
    },
    note: (text) => {
      if (!quiet) err(`${text}\n`);
    },
    warn: (text) => err(`Warning: ${text}\n`),
    built({ app, buildId }) {
      for (const line of buildLines(app, buildId)) say(line);
    },
  };
}

function spin(title: string, out: Write, columns: () => number) {
  const beganMs = performance.now();
  let last = '';
  const paint = () => {
    // The terminal's own ^C stands behind it: a line that this breaks could not be cleared.
    const line = spinnerLine(title, performance.now() - beganMs, last, columns() - 3);
    out(`${CLEAR}${line}`);
  };
  paint();
  const timer = setInterval(paint, FRAME_MS);
  return {
    said(line: string) {
      // A progress bar draws itself anew after each carriage return.
      last = line.slice(line.lastIndexOf('\r') + 1);
    },
    stop() {
      clearInterval(timer);
      out(CLEAR);
    },
  };
}

export function createJsonScreen(writeLine: (line: string) => void): Screen {
  const tell = (event: Readonly<Record<string, unknown>>) => writeLine(JSON.stringify(event));
  return {
    started: (app) => tell({ type: 'up', app }),
    stage(app, stage) {
      return {
        said() {},
        ended(result, ms, lines) {
          const output = result === 'failed' ? { output: lines } : {};
          tell({ type: 'stage', app, stage, result, seconds: Number((ms / 1000).toFixed(4)), ...output });
        },
      };
    },
    note: (message) => tell({ type: 'warning', about: 'note', message }),
    warn: (message) => tell({ type: 'warning', about: 'warning', message }),
    built: (build) => tell({ type: 'build', ...build }),
  };
}
