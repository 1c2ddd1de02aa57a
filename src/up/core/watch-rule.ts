// Which files matter to an app's build, so that a change to one of them is a reason to build again.
import type { IgnoreRules } from './docker-ignore.ts';

export interface WatchRule {
  /** @param path relative to the watched folder, with `/` between its parts */
  counts(path: string): boolean;
  /** Whether something in this folder may count; '' is the watched one itself. */
  enters(folder: string): boolean;
}

/** What editors leave for a moment while they save. */
const PASSING = /^(?:4913|\.#.*|#.*#|.*~|\.?.*\.sw[a-px]|.*___jb_(?:tmp|old)___|\.DS_Store|\.goutputstream-.*)$/;

/** @param always paths that count although the builder may not see them: chart, draft.toml, Dockerfile, .dockerignore */
export function watchRule(ignored: IgnoreRules, always: readonly string[]): WatchRule {
  const isAlways = (path: string) => always.some((each) => path === each || path.startsWith(`${each}/`));
  const leadsToAlways = (folder: string) => always.some((each) => each.startsWith(`${folder}/`));
  const isHistory = (path: string) => /(?:^|\/)\.git(?:\/|$)/.test(path);
  return {
    counts(path) {
      if (isHistory(path) || PASSING.test(path.slice(path.lastIndexOf('/') + 1))) return false;
      return isAlways(path) || !ignored.ignores(path);
    },
    enters(folder) {
      if (folder === '') return true;
      if (isHistory(folder)) return false;
      return isAlways(folder) || leadsToAlways(folder) || !ignored.ignores(folder) || ignored.takesBelow(folder);
    },
  };
}
