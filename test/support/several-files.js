// @ts-check
// One process may run several test files: the tests of each are followed by a test whose name tells that the file ends
// there. This module names that test, and takes the output apart again.

/** @param {string} file */
export const endOf = (file) => `end of ${file}`;

const END_OF_FILE = /^# Subtest: end of .*\n(?: .*\n)*ok .*\n\n?/m;

/**
 * Returns the output of each file, numbered from 1 on and with a plan. A file that the process did not come to the end
 * of has what it printed, without a plan; one that it did not come to has nothing.
 * @param {readonly string[]} files @param {string} tap @returns {string[]}
 */
export function takeApart(files, tap) {
  const parts = tap.replace(/^TAP version .*\n/, '').split(END_OF_FILE);
  const ended = parts.length - 1;
  return files.map((_, i) => {
    const part = parts[i] ?? '';
    let count = 0;
    const numbered = part.replace(/^((?:not )?ok) \d+/gm, (_, result) => `${result} ${++count}`);
    return i < ended ? `${numbered}1..${count}\n` : numbered.replace(/^1\.\..*\n/m, '');
  });
}

/**
 * Returns how long the tests of an output took, in ms.
 * @param {string} tap
 */
export function timeIn(tap) {
  const times = [...tap.matchAll(/^(?:not )?ok .*# time=([\d.]+)(ms|s)$/gm)];
  return Math.round(times.reduce((sum, [, time, unit]) => sum + Number(time) * (unit === 's' ? 1000 : 1), 0));
}
