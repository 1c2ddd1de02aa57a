// Several label selectors as one: kubectl has no OR between them, but `in` for the values of a key.
export type Labels = Readonly<Record<string, string>>;

/** The labels that a selector such as `app=web,tier=front` asks for; undefined for one that asks for anything else. */
export function requiredLabels(selector: string): Labels | undefined {
  const pairs = selector.split(',').map((requirement) => /^([^\s=!,()]+)={1,2}([^\s=!,()]+)$/.exec(requirement));
  if (pairs.some((pair) => pair === null)) return undefined;
  return Object.fromEntries(pairs.map((pair) => [pair?.[1] ?? '', pair?.[2] ?? '']));
}

/** What selectors must have in common to be merged. */
export function keysOf(labels: Labels): string {
  return Object.keys(labels).sort().join(',');
}

/** Matches whatever one of them matches, and perhaps more. @param all of the same keys */
export function mergedSelector(all: readonly Labels[]): string {
  const keys = Object.keys(all[0] ?? {});
  return keys.map((key) => `${key} in (${[...new Set(all.map((labels) => labels[key]))].join(',')})`).join(',');
}

export function matches(labels: Labels, required: Labels): boolean {
  return Object.entries(required).every(([key, value]) => labels[key] === value);
}
