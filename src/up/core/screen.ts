// What `up` shows, to the letter of the reference text.
import { oneLine } from '../../values/quote.ts';

export type StageName = 'build' | 'push' | 'release' | 'command';
export type StageResult = 'succeeded' | 'failed' | 'stopped';

const TITLES: Readonly<Record<StageName, string>> = {
  build: 'Building Docker Image',
  push: 'Pushing Docker Image',
  release: 'Releasing Application',
  command: 'Running',
};
const RESULTS: Readonly<Record<StageResult, string>> = {
  succeeded: 'SUCCESS ⚓',
  failed: 'FAIL ❌',
  stopped: 'STOPPED',
};

export function startedLine(app: string): string {
  return `Draft Up Started: '${app}'`;
}

/** @param program what a `command` runs */
export function stageTitle(app: string, stage: StageName, program = ''): string {
  return `${app}: ${TITLES[stage]}${stage === 'command' ? ` ${oneLine(program)}` : ''}`;
}

export function stageLine(title: string, result: StageResult, ms: number): string {
  return `${title}: ${RESULTS[result]}  (${(ms / 1000).toFixed(4)}s)`;
}

export function buildLines(app: string, buildId: string): readonly string[] {
  return [`${app}: Build ID: ${buildId}`, `Inspect the logs with \`kubectl draft-connect logs ${buildId}\``];
}

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/** One line of at most `columns`: what runs, for how long, and the last thing it said. */
export function spinnerLine(title: string, ms: number, said: string, columns: number): string {
  const frame = FRAMES[Math.floor(ms / 100) % FRAMES.length];
  const plain = oneLine(said.replace(/\p{Cc}\[[\d;?]*[ -/]*[@-~]/gu, ''));
  return fit(`${frame} ${title}: ${Math.floor(ms / 1000)}s${plain === '' ? '' : `  ${plain}`}`, columns);
}

/** Cuts at the width; what is not Latin may take two columns. */
function fit(text: string, columns: number): string {
  let width = 0;
  let shown = '';
  for (const char of text) {
    width += (char.codePointAt(0) ?? 0) >= 0x1100 && !/[\u2800-\u28ff]/.test(char) ? 2 : 1;
    if (width > columns) return shown;
    shown += char;
  }
  return shown;
}

/**
 * What was done and what was not when `up` was interrupted in this stage.
 * @param pushes whether the image goes to a registry at all
 */
export function interruptedIn(stage: StageName, pushes: boolean): string {
  switch (stage) {
    case 'build':
      return 'interrupted: the image was not built, nothing was pushed or released';
    case 'push':
      return 'interrupted: the image was built but not pushed completely, nothing was released';
    case 'release':
      return `interrupted: the image was built ${pushes ? 'and' : 'but not'} pushed; what helm had applied stays, the next up puts the release right`;
    case 'command':
      return 'interrupted: what the command had done by then stays';
  }
}
