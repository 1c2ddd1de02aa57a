// Takes secrets out of what tools print before it is kept or shown.

/** Shorter values are everyday words; hiding them would hide half of a log. */
const SHORTEST = 6;
const HIDDEN = '***';

/**
 * @param buildArgs of image-build-args
 * @param set `KEY=VALUE` each
 */
export function secretsIn(buildArgs: Readonly<Record<string, string>>, set: readonly string[]): readonly string[] {
  const values = [...Object.values(buildArgs), ...set.map((each) => each.slice(each.indexOf('=') + 1))];
  return [...new Set(values.flatMap(partsOf))]
    .filter((part) => part.length >= SHORTEST)
    .sort((a, b) => b.length - a.length);
}

/** What helm makes of it: several values, a list in braces, a comma after a backslash. */
function partsOf(value: string): readonly string[] {
  const parts = value.split(/(?<!\\)[,{}]+|[\r\n]+/).map((part) => part.replace(/^[^=]*=/, ''));
  return [value, ...parts, ...parts.map((part) => part.replace(/\\(.)/g, '$1'))];
}

/** @param secrets longest first, since one may hold another */
export function redact(line: string, secrets: readonly string[]): string {
  return secrets.reduce((text, secret) => text.replaceAll(secret, HIDDEN), line);
}
