// The shells whose completion there are scripts for: text files that the bundle holds.
import { readFileSync } from 'node:fs';

/** Texts of completions/ by file, as JSON, where they are bundled. Neither node nor tsx imports such files, so otherwise they are read. */
declare const COMPLETION_SCRIPTS: string | undefined;

const FILES = { bash: 'bash.sh', zsh: 'zsh.zsh', fish: 'fish.fish', powershell: 'powershell.ps1' } as const;

export type CompletionShell = keyof typeof FILES;

export const SHELLS = Object.keys(FILES) as readonly CompletionShell[];

export function completionScript(shell: CompletionShell): string {
  const file = FILES[shell];
  if (typeof COMPLETION_SCRIPTS === 'string') return JSON.parse(COMPLETION_SCRIPTS)[file];
  return readFileSync(new URL(`completions/${file}`, import.meta.url), 'utf8');
}
