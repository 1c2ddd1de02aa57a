// The variables that tell a shell or COMMAND where the tunnels are, and the lines that set them in a shell.

import type { OpenTunnel } from '../../output/core/events.ts';
import type { Shell } from '../../request/core/settings.ts';
import { UserError } from '../../values/errors.ts';

export interface Variable {
  readonly name: string;
  readonly value: string;
}

interface VariablesApp {
  readonly app: string;
  readonly tunnels: readonly OpenTunnel[];
}

/**
 * Of all apps of a session: `EXAMPLE_GO_GO_SERVICE_HOST`, `…_SERVICE_PORT` (the container's first port),
 * `…_SERVICE_PORT_8080` and, by the port's name, `…_SERVICE_PORT_HTTP`. Where two would have the same name the first is
 * kept.
 */
export function variablesOf(apps: readonly VariablesApp[]): Variable[] {
  const variables = new Map<string, string>();
  const add = (name: string, value: string) => {
    if (!variables.has(name)) variables.set(name, value);
  };
  const named = apps.flatMap(({ app, tunnels }) => tunnels.map((tunnel) => ({ ...tunnel, app })));
  for (const { app, container, remotePort, portName, addresses, localPort } of named) {
    const prefix = variableName(`${app}_${container}_SERVICE_`);
    add(`${prefix}HOST`, hostOf(addresses));
    add(`${prefix}PORT`, String(localPort));
    add(`${prefix}PORT_${remotePort}`, String(localPort));
    if (portName !== undefined) add(variableName(`${prefix}PORT_${portName}`), String(localPort));
  }
  return [...variables].map(([name, value]) => ({ name, value }));
}

/** Whose variables would have another one's names, and so are not there: a sentence for each container. */
export function lostVariables(apps: readonly VariablesApp[]): readonly string[] {
  const owners = new Map<string, string>();
  const lost = new Set<string>();
  for (const { app, tunnels } of apps) {
    for (const tunnel of tunnels) {
      const owner = `${app}/${tunnel.container}`;
      for (const { name } of variablesOf([{ app, tunnels: [tunnel] }])) {
        const first = owners.get(name) ?? owner;
        owners.set(name, first);
        if (first !== owner)
          lost.add(`variables of ${first} and ${owner} have the same names: those of ${first} are set`);
      }
    }
  }
  return [...lost];
}

/** One line a variable, each with a `;`: `eval $(…)` without quotes makes a single line of them. */
export function renderExports(variables: readonly Variable[], shell: Shell): string {
  return variables.map(({ name, value }) => `${ASSIGNMENT[shell](name, value)}\n`).join('');
}

const posix = (name: string, value: string) => `export ${name}='${value}';`;

const ASSIGNMENT: Readonly<Record<Shell, (name: string, value: string) => string>> = {
  sh: posix,
  bash: posix,
  zsh: posix,
  fish: (name, value) => `set -gx ${name} '${value}';`,
  powershell: (name, value) => `$env:${name} = '${value}';`,
};

/** ASCII only, so that it is the same in every locale. */
function variableName(text: string): string {
  const name = text.replace(/[a-z]/g, (letter) => letter.toUpperCase()).replace(/[^A-Z0-9]/gu, '_');
  return /^[0-9]/.test(name) ? `_${name}` : name;
}

/** Where a program on this machine reaches a tunnel that listens on `addresses`. */
function hostOf(addresses: readonly string[]): string {
  const address = addresses[0] ?? 'localhost';
  if (address === '0.0.0.0') return '127.0.0.1';
  if (/^[0:]*:[0:]*$/.test(address)) return '::1';
  // None of these ends a quote; without quotes around `$(…)` the shell neither splits them nor takes them for patterns.
  if (!/^[A-Za-z0-9.:%_-]+$/.test(address)) throw new UserError(`'${address}' is not an address`);
  return address;
}
