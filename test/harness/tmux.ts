// A real terminal for tests: a tmux server of their own, with one shell in it.
import { execFileSync } from 'node:child_process';
import { eventually } from './eventually.ts';

let count = 0;
const openTerminals = new Set<Terminal>();
// A test that fails must not leave its server behind.
process.on('exit', () => {
  for (const terminal of openTerminals) terminal.close();
});

export interface Terminal {
  /** Types the text and Enter. */
  type(line: string): void;
  /** Types the text alone. */
  write(text: string): void;
  /** A key by tmux's name, e.g. `C-c`. */
  press(key: string): void;
  /** Waits until the screen shows it. */
  sees(pattern: RegExp): Promise<RegExpExecArray>;
  screen(): string;
  /** With the escape sequences of its colours. */
  coloredScreen(): string;
  /** As if its window were closed. */
  close(): void;
}

export function openTerminal(
  shell: string,
  env: Readonly<Record<string, string | undefined>>,
  size: { readonly columns: number; readonly rows: number } = { columns: 200, rows: 60 },
): Terminal {
  count += 1;
  const tmux = ['-L', `draft-connect-test-${process.pid}-${count}`, '-f', '/dev/null'];
  const run = (...args: string[]) => execFileSync('tmux', [...tmux, ...args], { encoding: 'utf8' });
  const environment = { ...process.env, ...env, TMUX: undefined, PS1: '% ', PROMPT: '%# ', LC_ALL: 'C.UTF-8' };
  const window = ['-x', String(size.columns), '-y', String(size.rows)];
  execFileSync('tmux', [...tmux, 'new-session', '-d', ...window, shell], { env: environment });
  const screen = () => run('capture-pane', '-p').replace(/\n+$/, '\n');
  const terminal: Terminal = {
    type(line) {
      run('send-keys', '-l', line);
      run('send-keys', 'Enter');
    },
    write: (text) => void run('send-keys', '-l', text),
    press: (key) => void run('send-keys', key),
    sees: (pattern) =>
      eventually(
        () => pattern.exec(screen()) ?? undefined,
        () => `${pattern} on the screen\n${screen()}`,
      ),
    screen,
    coloredScreen: () => run('capture-pane', '-p', '-e'),
    close() {
      if (openTerminals.delete(terminal)) run('kill-server');
    },
  };
  openTerminals.add(terminal);
  return terminal;
}
