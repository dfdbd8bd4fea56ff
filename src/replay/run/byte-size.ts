// A size in a scenario is a number with its unit: `4096B`, `64MiB`, `1.5GB`.

const UNIT_BYTES: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
};

/** The pattern of a size, in the form that JSON schemas take. It has no more digits than a number holds. */
export const SIZE_PATTERN = '^([0-9]{1,6}(\\.[0-9]{1,3})?(kB|MB|GB|KiB|MiB|GiB)|[0-9]{1,15}B)$';

/** Returns the bytes of a text that matches SIZE_PATTERN. */
export function parseSize(text: string): number {
  const [, number, unit] = /^([0-9.]+)([A-Za-z]+)$/.exec(text)!;
  return Math.round(Number(number) * UNIT_BYTES[unit!]!);
}
