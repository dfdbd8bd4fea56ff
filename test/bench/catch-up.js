// @ts-check
// How long the catch-up over 100,000 revisions of 20,000 keys takes: `npm run bench`. Each figure is of a process of its
// own, start included, and stands beside a plain scan of the same rows with lmdb in the same run. Ends with 1 where a
// figure is above its limit.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

const bin = fileURLToPath(new URL('../../bin/mvccw.js', import.meta.url));
const packed = new URL('../../fixtures/snapshots/bench-100k/db.gz', import.meta.url);
const folder = mkdtempSync(join(tmpdir(), 'mvccw-bench-'));
const snapshot = join(folder, 'snapshot.db');
const database = join(folder, 'mvccw.db');

const SCAN = `
import { open } from 'lmdb';
const root = open({ path: process.argv[1], noSubdir: false, readOnly: true, keyEncoding: 'binary', encoding: 'binary' });
const rows = root.openDB('key', { keyEncoding: 'binary', encoding: 'binary' });
let bytes = 0;
for (const { key, value } of rows.getRange({ start: Buffer.from([0]) })) bytes += key.length + value.length;
if (bytes === 0) throw new Error('no rows');
`;

/** Of what one record costs, over all of the history, to what it costs over half of it; quadratic would be 2. */
const SCALING_LIMIT = 1.5;

/** Prints its peak memory and the time of its processors behind what it ran. */
const MEASURED = `process.on('exit', () => {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  process.stderr.write('maxRSS ' + maxRSS + ' cpu ' + (userCPUTime + systemCPUTime) + '\\n');
});`;

/**
 * @typedef {object} Measured
 * @property {number} seconds
 * @property {number} cpuSeconds
 * @property {number} megabytes
 */

/**
 * @param {readonly string[]} args of node
 * @returns {Measured}
 */
function measure(args) {
  const preload = `data:text/javascript,${encodeURIComponent(MEASURED)}`;
  const start = process.hrtime.bigint();
  const run = spawnSync(process.execPath, ['--import', preload, ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
  });
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  if (run.status !== 0) throw new Error(`${args.join(' ')} ended with ${run.status}: ${run.stderr}`);
  const [, kilobytes, cpuUs] = /maxRSS (\d+) cpu (\d+)/.exec(run.stderr) ?? [];
  return { seconds, cpuSeconds: Number(cpuUs) / 1e6, megabytes: Number(kilobytes) / 1024 };
}

/**
 * @param {Readonly<Record<string, string>>} prefixes by the watcher's name
 */
function watching(prefixes) {
  return Object.entries(prefixes).flatMap(([name, prefix]) => [
    '--watch',
    `name=${name},key=/registry/pods/${prefix},prefix`,
  ]);
}

/** @param {number} count */
function byNamespace(count) {
  const names = Array.from({ length: count }, (_, i) => `ns-${String(i).padStart(3, '0')}`);
  return watching(Object.fromEntries(names.map((name) => [name, `${name}/`])));
}

/** Watchers from one of every key to one of a single pod: they fill their batches at very different paces. */
const DENSITIES = watching({
  all: '',
  tenth1: 'ns-00',
  tenth2: 'ns-01',
  tenth3: 'ns-02',
  hundredth1: 'ns-030/',
  hundredth2: 'ns-031/',
  hundredth3: 'ns-032/',
  pod1: 'ns-040/pod-000040',
  pod2: 'ns-041/pod-000041',
  none: 'ns-100/',
});

let aboveLimit = false;

/**
 * @param {string} what
 * @param {Measured} measured
 * @param {{ scanSeconds: number, limit?: number, note?: string }} beside
 */
function printRow(what, { seconds, megabytes }, { scanSeconds, limit, note = '' }) {
  const ratio = seconds / scanSeconds;
  if (limit !== undefined && ratio > limit) aboveLimit = true;
  const bound = limit === undefined ? '' : `(limit ${limit})`;
  const times = `${ratio.toFixed(1).padStart(5)} x the scan ${bound.padEnd(10)}`;
  console.log(
    `${what.padEnd(42)} ${seconds.toFixed(2).padStart(6)} s ${times} ${megabytes.toFixed(0).padStart(4)} MB  ${note}`,
  );
}

/**
 * A record must not cost more because the history is longer.
 * @param {readonly string[]} replay
 */
function printScaling(replay) {
  const quiet = [...replay.slice(0, -1), 'table', ...DENSITIES];
  const startSeconds = measure([bin, '--version']).cpuSeconds;
  const [half, full] = [50_001, 100_001].map((toRev) => {
    const times = [1, 2, 3].map(() => measure([...quiet, '--to-rev', String(toRev)]).cpuSeconds - startSeconds);
    return (Math.min(...times) / toRev) * 1e6;
  });
  const ratio = /** @type {number} */ (full) / /** @type {number} */ (half);
  if (ratio > SCALING_LIMIT) aboveLimit = true;
  console.log(
    `10 watchers, 0 to 100,000 events each: ${half?.toFixed(1)} µs a record over half of the history, ` +
      `${full?.toFixed(1)} over all of it: ${ratio.toFixed(2)} x (limit ${SCALING_LIMIT})`,
  );
}

try {
  writeFileSync(snapshot, gunzipSync(readFileSync(packed)));
  const replay = [bin, '--db', database, 'replay', '--from-rev', '1', '-w', 'json'];
  const imported = measure([bin, '--db', database, 'import', snapshot]);
  const scan = measure(['--input-type=module', '-e', SCAN, database]);
  const scanSeconds = scan.seconds;
  printRow('scan of the rows with lmdb alone', scan, { scanSeconds });
  printRow('import', imported, { scanSeconds, limit: 12 });
  printRow('replay, 1 watcher of everything', measure(replay), { scanSeconds, limit: 12, note: 'etcd 3.5.30: 15.7 s' });
  const hundred = byNamespace(100);
  printRow('replay, 100 watchers by namespace', measure([...replay, ...hundred]), {
    scanSeconds,
    limit: 15,
    note: 'etcd 3.5.30: 0.42 s',
  });
  const unchecked = [...replay.slice(0, -1), 'table', '--check', 'off', ...hundred];
  printRow('the same unchecked, no events printed', measure(unchecked), { scanSeconds, limit: 8 });
  const straight = [bin, '--db', snapshot, ...replay.slice(3)];
  printRow('replay of the etcd file itself, 1 watcher', measure(straight), { scanSeconds, limit: 15 });
  printScaling(replay);
} finally {
  rmSync(folder, { recursive: true });
}
if (aboveLimit) {
  console.log('a figure is above its limit');
  process.exitCode = 1;
}
