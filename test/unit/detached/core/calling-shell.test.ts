import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Ancestor, chooseShell } from '../../../../src/detached/core/calling-shell.ts';
import type { Shell } from '../../../../src/request/core/settings.ts';

const ran = (name: string, program?: string): Ancestor => ({ name, program });
const KUBECTL = ran('kubectl', '/usr/bin/kubectl');
const FISH = ran('fish', '/usr/bin/fish');

const CASES: readonly [title: string, ancestors: readonly Ancestor[], env: Record<string, string>, shell: Shell][] = [
  ['bash', [ran('bash', '/bin/bash')], {}, 'bash'],
  ['zsh behind kubectl', [KUBECTL, ran('zsh', '/usr/bin/zsh-5.9')], {}, 'zsh'],
  ['fish, whatever the login shell is', [KUBECTL, FISH], { SHELL: '/bin/bash' }, 'fish'],
  ['fish behind a kubectl that is a script', [ran('kubectl', '/bin/dash'), FISH], {}, 'fish'],
  ['fish behind a kubectl of some version', [ran('kubectl.1.33', '/opt/kubectl.1.33'), FISH], {}, 'fish'],
  ['fish behind sudo', [KUBECTL, ran('sudo', undefined), FISH], {}, 'fish'],
  ['a script by its shell', [KUBECTL, ran('deploy.sh', '/bin/bash'), FISH], {}, 'bash'],
  ['a login shell', [ran('-zsh')], {}, 'zsh'],
  ['a shell by its path, as ps has it', [ran('/opt/homebrew/bin/fish')], {}, 'fish'],
  ['PowerShell', [KUBECTL, ran('pwsh', '/opt/microsoft/powershell/7/pwsh')], {}, 'powershell'],
  ['dash', [ran('dash', '/usr/bin/dash')], {}, 'sh'],
  ['a shell of BusyBox', [ran('ash', '/bin/busybox')], {}, 'sh'],
  ['who is no shell by $SHELL', [KUBECTL, ran('node', '/usr/bin/node'), FISH], { SHELL: '/bin/zsh' }, 'zsh'],
  ['nobody by $SHELL', [], { SHELL: '/usr/bin/fish' }, 'fish'],
  ['a shell nobody knows by $SHELL', [ran('nu', '/usr/bin/nu')], { SHELL: '/usr/bin/nu' }, 'sh'],
  ['nobody at all', [], {}, 'sh'],
  ['nobody on Windows', [], { OS: 'Windows_NT' }, 'powershell'],
  ['a Unix-like shell on Windows', [], { OS: 'Windows_NT', SHELL: 'C:\\Git\\usr\\bin\\bash.exe' }, 'bash'],
  ['a shell nobody knows on Windows', [], { OS: 'Windows_NT', SHELL: 'C:\\nu.exe' }, 'sh'],
];
for (const [title, ancestors, env, shell] of CASES) {
  test(`${title} gets the syntax of ${shell}`, () => assert.equal(chooseShell(ancestors, env), shell));
}
