// What the apps of a run are called: by their targets' names, and by more than that only where two would be the same.
import { usageError } from '../../values/errors.ts';
import { renderTarget, type Target } from './target.ts';

export interface NamedTarget {
  readonly target: Target;
  /** Undefined is the one that all without a namespace share. */
  readonly namespace: string | undefined;
}

/**
 * In the order of the targets: NAME, else KIND/NAME, else NAMESPACE/KIND/NAME.
 * @throws {UserError} when two are the same target
 */
export function nameApps(apps: readonly NamedTarget[]): readonly string[] {
  const forms = [
    apps.map(({ target }) => bareName(target)),
    apps.map(({ target }) => renderTarget(target)),
    apps.map(inFull),
  ];
  const [bare = [], ...longer] = forms;
  const names = longer.reduce(
    (before, next) => before.map((name, index) => (isUnique(name, before) ? name : (next[index] ?? name))),
    bare,
  );
  const twice = names.find((name) => !isUnique(name, names));
  if (twice !== undefined) throw usageError(`${twice} is named twice`, 'name each target once');
  return names;
}

function bareName(target: Target): string {
  return target.kind === 'selector' ? target.selector : target.name;
}

function inFull({ target, namespace }: NamedTarget): string {
  return namespace === undefined ? renderTarget(target) : `${namespace}/${renderTarget(target)}`;
}

function isUnique(name: string, names: readonly string[]): boolean {
  return names.filter((other) => other === name).length === 1;
}
