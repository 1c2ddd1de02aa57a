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
  const parts = values.flatMap((value) => [
    value,
    ...value.split(/[,\r\n]+/).map((part) => part.replace(/^[^=]*=/, '')),
  ]);
  return [...new Set(parts)].filter((part) => part.length >= SHORTEST).sort((a, b) => b.length - a.length);
}

/** @param secrets longest first, since one may hold another */
export function redact(line: string, secrets: readonly string[]): string {
  return secrets.reduce((text, secret) => text.replaceAll(secret, HIDDEN), line);
}
