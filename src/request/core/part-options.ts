// Whose -p and -c are: an option that names its app goes to that one. What names none waits until the pods are known.
import { usageError } from '../../values/errors.ts';
import { quoted } from '../../values/quote.ts';
import type { Mapping } from './mapping.ts';
import { parseTarget, renderTarget, type Target } from './target.ts';

/** What -p and -c ask for. */
export interface PodOptions {
  readonly mappings: readonly Mapping[];
  /** Names of containers. */
  readonly containers: readonly string[];
}

interface Named {
  readonly app: string;
  readonly target: Target;
}

/**
 * With one app, all is its own; `own` is in the order of the apps.
 * @param containers NAME or APP/NAME each
 * @throws {UserError} when an option names no target
 */
export function partOptions(
  apps: readonly Named[],
  mappings: readonly Mapping[],
  containers: readonly string[],
): { readonly own: readonly PodOptions[]; readonly shared: PodOptions } {
  const only = apps.length === 1 ? 0 : undefined;
  const mapped = mappings.map((mapping) => {
    const { app, text } = mapping;
    return { mapping, index: app === undefined ? only : indexOf(app, apps, `-p ${text}`) };
  });
  const wanted = containers.map((text) => {
    const slash = text.lastIndexOf('/');
    if (slash < 0) return { name: text, index: only };
    return { name: text.slice(slash + 1), index: indexOf(text.slice(0, slash), apps, `-c ${text}`) };
  });
  const optionsOf = (wantedIndex: number | undefined): PodOptions => ({
    mappings: mapped.filter(({ index }) => index === wantedIndex).map(({ mapping }) => mapping),
    containers: wanted.filter(({ index }) => index === wantedIndex).map(({ name }) => name),
  });
  return { own: apps.map((_, index) => optionsOf(index)), shared: optionsOf(undefined) };
}

function indexOf(name: string, apps: readonly Named[], option: string): number {
  const kindAndName = spelt(name);
  const called = apps.findIndex(({ app }) => app === name);
  const spelled = called >= 0 ? called : apps.findIndex(({ app }) => app === kindAndName);
  if (spelled >= 0) return spelled;
  // Of the same kind and name in two namespaces neither is meant.
  const alike = apps.filter(({ target }) => renderTarget(target) === kindAndName);
  if (alike[0] !== undefined && alike.length === 1) return apps.indexOf(alike[0]);
  const targets = apps.map(({ app }) => app).join(', ');
  throw usageError(`${option}: there is no target ${quoted(name)}`, `the targets are: ${targets}`);
}

/** `service/web` is `svc/web`. */
function spelt(name: string): string | undefined {
  if (!name.includes('/')) return undefined;
  try {
    return renderTarget(parseTarget(name));
  } catch {
    return undefined;
  }
}
