// The `[container]: ` in front of every log line, and the colour a container keeps from run to run.

/** SGR sequences around coloured text. */
export interface Color {
  readonly on: string;
  readonly off: string;
}

// Foreground colours that most terminals make legible; red is left to errors.
const foregrounds = [36, 32, 35, 33, 94, 96, 92, 95, 93];

/** Depends on nothing but the name, so it is the same in every run and on every machine. */
export function containerColor(name: string): Color {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  // FNV-1a alone gives similar names the same remainder; this is MurmurHash3's last step
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  hash ^= hash >>> 16;
  const foreground = foregrounds[(hash >>> 0) % foregrounds.length];
  return { on: `\x1b[${foreground}m`, off: '\x1b[0m' };
}

/** A container's name in its colour, for `Connect to` lines. */
export function renderName(name: string, color: boolean): string {
  if (!color) return name;
  const { on, off } = containerColor(name);
  return `${on}${name}${off}`;
}

export function renderPrefix(name: string, color: boolean): string {
  if (!color) return `[${name}]: `;
  const { on, off } = containerColor(name);
  return `${on}[${name}]:${off} `;
}
