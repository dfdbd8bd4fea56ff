// @ts-check
// This module runs commands as separate processes and prints the time and memory that they took, beside those of a
// plain scan of the same rows with lmdb in the same run.

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const BIN = fileURLToPath(new URL('../../bin/mvccw.js', import.meta.url));

const SCAN = `
import { open } from 'lmdb';
const root = open({ path: process.argv[1], noSubdir: false, readOnly: true, keyEncoding: 'binary', encoding: 'binary' });
const rows = root.openDB('key', { keyEncoding: 'binary', encoding: 'binary' });
let bytes = 0;
for (const { key, value } of rows.getRange({ start: Buffer.from([0]) })) bytes += key.length + value.length;
if (bytes === 0) throw new Error('no rows');
`;

/** The module makes a process print its peak memory and its processor time when it exits. */
const MEASURED = `process.on('exit', () => {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  process.stderr.write('maxRSS ' + maxRSS + ' cpu ' + (userCPUTime + systemCPUTime) + '\\n');
});`;

const SAMPLE_MS = 20;

/**
 * @typedef {object} Measured
 * @property {number} seconds
 * @property {number} cpuSeconds
 * @property {number} megabytes the most that was resident, with what is mapped of the database file
 * @property {number} ownMegabytes the most without it, as sampled; 0 where the system does not tell
 */

/** @param {number | undefined} pid */
function ownKilobytes(pid) {
  try {
    return Number(/RssAnon:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/**
 * Runs node in a separate process and measures it.
 * @param {readonly string[]} args of node
 * @param {(stdout: Buffer) => void} [onOutput] without it, the output goes nowhere
 * @param {number} [expected] the exit status that is well
 * @returns {Promise<Measured>}
 */
export async function measure(args, onOutput, expected = 0) {
  const preload = `data:text/javascript,${encodeURIComponent(MEASURED)}`;
  const start = process.hrtime.bigint();
  const child = spawn(process.execPath, ['--import', preload, ...args], {
    stdio: ['ignore', onOutput === undefined ? 'ignore' : 'pipe', 'pipe'],
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
  });
  let errors = '';
  child.stderr?.on('data', (piece) => {
    errors += piece;
  });
  if (onOutput !== undefined) child.stdout?.on('data', onOutput);
  let peakKilobytes = 0;
  const sampling = setInterval(() => {
    peakKilobytes = Math.max(peakKilobytes, ownKilobytes(child.pid));
  }, SAMPLE_MS);
  const status = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  clearInterval(sampling);
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  if (status !== expected) throw new Error(`${args.join(' ')} ended with ${status}: ${errors}`);
  const [, kilobytes, cpuUs] = /maxRSS (\d+) cpu (\d+)/.exec(errors) ?? [];
  return {
    seconds,
    cpuSeconds: Number(cpuUs) / 1e6,
    megabytes: Number(kilobytes) / 1024,
    ownMegabytes: peakKilobytes / 1024,
  };
}

/**
 * Measures a read of every row of a database with lmdb alone.
 * @param {string} database
 */
export function measureScan(database) {
  return measure(['--input-type=module', '-e', SCAN, database]);
}

let aboveLimit = false;

/**
 * Says whether a figure keeps its limit, and sets the exit status if not.
 * @param {number} figure
 * @param {number} limit
 */
export function hold(figure, limit) {
  if (figure <= limit) return `(limit ${limit})`;
  aboveLimit = true;
  process.exitCode = 1;
  return `(ABOVE ITS LIMIT ${limit})`;
}

/**
 * Prints what a command took. The ratios are of processor time, which other processes disturb less. The limit is of the
 * ratio to a read of the file, if that was measured, and else of the ratio to the scan.
 * @param {string} what
 * @param {Measured} measured
 * @param {{ scan: Measured, read?: Measured, limit?: number, note?: string }} beside
 */
export function printRow(what, { seconds, cpuSeconds, megabytes, ownMegabytes }, { scan, read, limit, note = '' }) {
  const bases = [...(read === undefined ? [] : [{ name: 'read', base: read }]), { name: 'scan', base: scan }];
  const times = bases
    .map(({ name, base }, i) => {
      const ratio = cpuSeconds / base.cpuSeconds;
      const bound = limit === undefined || i > 0 ? '' : hold(ratio, limit);
      return `${ratio.toFixed(1).padStart(5)} x the ${name} ${bound.padEnd(i > 0 ? 0 : 12)}`;
    })
    .join('');
  const memory = `${megabytes.toFixed(0).padStart(4)} MB, ${ownMegabytes.toFixed(0).padStart(4)} MB of its own`;
  console.log(
    `${what.padEnd(42)} ${seconds.toFixed(2).padStart(6)} s, ${cpuSeconds.toFixed(2).padStart(6)} s of CPU, ${times} ${memory}  ${note}`,
  );
}

/** Prints whether any figure was above its limit; a benchmark calls it last. */
export function printVerdict() {
  if (aboveLimit) console.log('a figure is above its limit');
}
