// In which shell's syntax variables are printed, when nobody says: that of the shell which called us.
import type { Shell } from '../../request/core/settings.ts';

export interface Ancestor {
  /** What it was started as: for a script, the script's name. */
  readonly name: string;
  /** The file that runs, where the system tells it: for a script, its shell. */
  readonly program: string | undefined;
}

const SYNTAX: readonly (readonly [shell: Shell, names: RegExp])[] = [
  ['bash', /^r?bash$/],
  ['zsh', /^zsh(-[\d.]+)?$/],
  ['fish', /^fish$/],
  ['powershell', /^(pwsh|powershell)(-preview)?$/],
  ['sh', /^(sh|dash|ash|busybox|m?ksh(93)?|yash|posh)$/],
];

/** These stand between us and the shell that reads what we print. kubectl may be a script. */
const BETWEEN = /^(kubectl.*|sudo|doas|time|timeout)$/;

/**
 * @param ancestors our parent first
 * @param env of this process
 */
export function chooseShell(ancestors: readonly Ancestor[], env: Readonly<Record<string, string | undefined>>): Shell {
  const caller = ancestors.find(({ name }) => !BETWEEN.test(baseName(name)));
  const shell = caller && (shellCalled(caller.program ?? '') ?? shellCalled(caller.name));
  if (shell !== undefined) return shell;
  const login = shellCalled(env['SHELL'] ?? '');
  // Windows sets OS; there SHELL is set only within a Unix-like shell.
  return login ?? (!env['SHELL'] && env['OS'] === 'Windows_NT' ? 'powershell' : 'sh');
}

function shellCalled(path: string): Shell | undefined {
  // A login shell is called `-zsh`.
  const name = baseName(path).replace(/^-/, '');
  return SYNTAX.find(([, names]) => names.test(name))?.[0];
}

function baseName(path: string): string {
  return (path.split(/[\\/]/).at(-1) ?? '').replace(/\.exe$/i, '');
}
