// The lines of a session's log file: each begins with its time.

/** @param time ISO 8601 in UTC, of whole seconds or finer */
export function withTimes(text: string, time: string): string {
  return text.replace(/^(?=.|\n)/gms, `${time} `);
}

/** As they were said. */
export function withoutTimes(lines: string): string {
  return lines.replace(/^\d{4}-\d\d-\d\dT[\d:.]+Z /gm, '');
}
