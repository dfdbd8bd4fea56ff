// This module is the source of randomness in tests. Every run draws the same numbers, unless MVCCW_SEED names another
// seed, as `npm run fuzz` does.

export const SEED = Number(process.env.MVCCW_SEED ?? 1);

/**
 * Returns how often a test draws: `few` times in `npm test`, which everybody waits for, and `many` times when
 * MVCCW_SEED names a seed, as `npm run fuzz` does.
 * @param {number} few @param {number} many
 */
export const draws = (few, many) => (process.env.MVCCW_SEED === undefined ? few : many);

/**
 * Returns a source of random numbers that a seed repeats (mulberry32).
 * @param {number} seed
 * @returns {(below: number) => number} whole numbers from 0 up to, but not including, `below`
 */
export function random(seed) {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}
