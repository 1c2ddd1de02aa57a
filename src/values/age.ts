// How long something has lasted, as kubectl writes it in its tables.

const UNITS = [
  { suffix: 'd', seconds: 86_400 },
  { suffix: 'h', seconds: 3_600 },
  { suffix: 'm', seconds: 60 },
  { suffix: 's', seconds: 1 },
] as const;

/** The largest unit, with the next one below it while the number is small: `45s`, `3m12s`, `12m`, `2h5m`, `3d4h`, `40d`. */
export function renderAge(durationMs: number): string {
  const seconds = Math.max(0, Math.floor(durationMs / 1000));
  const index = UNITS.findIndex((unit) => seconds >= unit.seconds);
  const unit = UNITS[index];
  if (unit === undefined) return '0s';
  const count = Math.floor(seconds / unit.seconds);
  const below = UNITS[index + 1];
  const rest = below === undefined ? 0 : Math.floor((seconds % unit.seconds) / below.seconds);
  return count < 10 && rest > 0 ? `${count}${unit.suffix}${rest}${below?.suffix}` : `${count}${unit.suffix}`;
}
