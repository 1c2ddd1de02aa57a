// Which folders and files an app's build depends on, all watched together.
import { readFileSync, realpathSync } from 'node:fs';
import { basename, dirname, relative, sep } from 'node:path';
import type { UserError } from '../values/errors.ts';
import { parseDockerIgnore } from './core/docker-ignore.ts';
import { type WatchRule, watchRule } from './core/watch-rule.ts';
import type { AppFolder, Plan } from './prepare.ts';
import { watchFiles } from './watch-files.ts';

export type AppWatch = ReturnType<typeof watchApp>;

interface Root {
  readonly path: string;
  readonly rule: WatchRule;
}

export function watchApp(
  { path: folder, file }: AppFolder,
  on: { readonly change: () => void; readonly problem: (error: UserError) => void },
) {
  let watches: readonly { stop(): void }[] = [];
  let watched = '';
  const stop = () => {
    for (const each of watches) each.stop();
  };
  return {
    /** Takes up what a new plan depends on, and what .dockerignore says by now. */
    follow(plan: Plan): void {
      const ignoreFile = ignoreFiles(plan, folder).find((path) => read(path) !== undefined);
      const ignoreText = (ignoreFile && read(ignoreFile)) ?? '';
      const named = [`${folder}${sep}${basename(file)}`, ...(ignoreFile ? [ignoreFile] : []), ...pathsOf(plan)];
      const paths = [...new Set(named.flatMap((path) => [path, real(path)]))];
      const now = JSON.stringify([ignoreText, paths]);
      if (now === watched) return;
      watched = now;
      // The new ones first, so that no change falls between.
      const before = watches;
      watches = rootsOf(folder, ignoreText, paths).map(({ path, rule }) => watchFiles(path, rule, on));
      for (const each of before) each.stop();
    },
    stop,
  };
}

/** Where a link leads: it is watched there, too. */
function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** The builder takes the first of these that exists. */
function ignoreFiles(plan: Plan, folder: string): readonly string[] {
  const own = plan.kind === 'image' ? [`${plan.dockerfile}.dockerignore`] : [];
  const podman = plan.kind === 'image' && (plan.builder === 'podman' || plan.builder === 'buildah');
  return [...own, ...(podman ? [`${folder}${sep}.containerignore`] : []), `${folder}${sep}.dockerignore`];
}

function pathsOf(plan: Plan): readonly string[] {
  if (plan.kind === 'command') return [];
  const { dockerfile, chart, buildTar } = plan;
  return [dockerfile, ...(chart.includes('://') ? [] : [chart]), ...(buildTar === undefined ? [] : [buildTar])];
}

/** The app's folder, and what lies outside of it. */
function rootsOf(folder: string, ignoreText: string, paths: readonly string[]): readonly Root[] {
  const within = (path: string) => relative(folder, path).split(sep).join('/');
  const inside = paths.map(within).filter((path) => !path.startsWith('../') && path !== '');
  const outside = paths.filter((path) => within(path).startsWith('../'));
  return [
    { path: folder, rule: watchRule(parseDockerIgnore(ignoreText), inside) },
    ...outside.map((path) => ({ path: dirname(path), rule: onlyBelow(basename(path)) })),
  ];
}

function onlyBelow(name: string): WatchRule {
  const all = watchRule(parseDockerIgnore(''), []);
  const below = (path: string) => path === name || path.startsWith(`${name}/`);
  return {
    counts: (path) => below(path) && all.counts(path),
    enters: (path) => path === '' || (below(path) && all.enters(path)),
  };
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
