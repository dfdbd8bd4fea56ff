// Writes spans of time for people.

const UNITS: readonly (readonly [unitUs: number, name: string])[] = [
  [86_400e6, 'd'],
  [3600e6, 'h'],
  [60e6, 'm'],
  [1e6, 's'],
  [1e3, 'ms'],
];

/** Returns a span of time in two digits at least, rounded up: 1.3s, 12s, 250ms, 1.5h. */
export function spanText(us: number): string {
  const [unitUs, name] = UNITS.find(([unit]) => us >= unit) ?? [1, 'us'];
  const units = us / unitUs;
  return `${units < 10 && unitUs > 1 ? Math.ceil(units * 10) / 10 : Math.ceil(units)}${name}`;
}
