// @ts-check
// `npm run bench:large` replays a million revisions. Each replay is a whole command in a separate process. The exit
// status is 1 if a figure is above its limit.
//
// 1. A thousand watchers, ten on each of a hundred namespaces, catch up with a tenth of the history, and the rest is
//    committed while they watch. Fifty of them are slow: their streams are soon full, and stay so. Memory must not grow
//    with the history.
// 2. The time that etcd 3.5.30 takes to catch up, by the cost of passes called `measured`, is printed beside the time
//    that it really took.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { BIN, hold, measure, measureScan, printRow, printVerdict } from './measure.js';
import { NAMESPACES, namespace, writeHistory } from './write-history.js';

const REVISIONS = 1_000_000;
const WATCHERS = 1000;
const SLOW = 50;
const BASE_REV = 100_000;
/** At this rate, each watcher is sent an event each 5 ms. */
const COMMITS_PER_SECOND = 20_000;
const SLOW_PACES = ['10ms', '20ms', '50ms', '100ms'];

/** The limit of the ratio of a replay's memory over all of the history to its memory over half of it. */
const GROWTH_LIMIT = 1.25;
const OWN_MEGABYTES_LIMIT = 500;
/** The limit of the difference between virtual and real time, in either direction. */
const OFF_PERCENT_LIMIT = 33;

/** The limit of each output format is the longest time that a replay may take, in scans of the rows. */
const FORMATS = [
  { format: 'table', limit: 160 },
  { format: 'json', limit: 300 },
];

const folder = mkdtempSync(join(tmpdir(), 'mvccw-bench-'));

/**
 * @param {string} name
 * @param {readonly string[]} lines
 */
function scenario(name, lines) {
  const path = join(folder, name);
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}

/** @param {number} count as many on each namespace */
function byNamespace(count) {
  const each = count / NAMESPACES;
  return Array.from(
    { length: count },
    (_, i) => `  - {name: w${i}, key: ${namespace(Math.floor(i / each))}, prefix: true}`,
  );
}

/**
 * @param {string} database
 * @param {number} revisions
 */
function slowConsumers(database, revisions) {
  const slow = Array.from({ length: SLOW }, (_, i) => {
    const name = `w${i * (WATCHERS / SLOW)}`;
    return `  ${name}: {consumer: {every: ${SLOW_PACES[i % SLOW_PACES.length]}}}`;
  });
  return scenario(`slow-${revisions}.yaml`, [
    `history: {database: ${database}}`,
    'from: 1',
    `base: ${BASE_REV}`,
    `arrivals: {perSecond: ${COMMITS_PER_SECOND}}`,
    'watchers:',
    ...byNamespace(WATCHERS),
    'streams:',
    ...slow,
  ]);
}

/**
 * @param {string} what
 * @param {{ database: string, watchers: readonly string[], realSeconds: number }} catchUp
 */
async function printCatchUp(what, { database, watchers, realSeconds }) {
  const path = scenario('catch-up.yaml', [
    `history: {database: ${database}}`,
    'from: 1',
    'cost: measured',
    'watchers:',
    ...watchers,
  ]);
  let output = '';
  const args = [BIN, 'replay', path, '-w', 'json', '--summary', '--check', 'off'];
  const { seconds } = await measure(args, (piece) => {
    output += piece;
  });
  /** @type {{ kind: string, syncedUs?: number }[]} */
  const lines = output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const synced = lines.filter(({ kind }) => kind === 'watcher').map(({ syncedUs = Number.NaN }) => syncedUs);
  if (synced.length !== watchers.length) throw new Error(`${synced.length} watchers instead of ${watchers.length}`);
  const virtualSeconds = Math.max(...synced) / 1e6;
  const offPercent = 100 * Math.abs(virtualSeconds / realSeconds - 1);
  console.log(
    `${what.padEnd(42)} ${virtualSeconds.toFixed(2).padStart(6)} s virtual, etcd 3.5.30 took ${realSeconds} s: ` +
      `${offPercent.toFixed(0)} % off ${hold(offPercent, OFF_PERCENT_LIMIT)}  (run in ${seconds.toFixed(1)} s)`,
  );
}

try {
  const history = async (/** @type {number} */ revisions) => {
    const database = join(folder, `history-${revisions}`);
    await writeHistory(database, revisions);
    return { database, path: slowConsumers(database, revisions) };
  };
  const half = await history(REVISIONS / 2);
  const full = await history(REVISIONS);
  const scan = await measureScan(full.database);
  printRow('scan of the rows with lmdb alone', scan, { scan });
  const small = await measure([BIN, 'replay', half.path, '-w', 'table']);
  printRow('1,000 watchers, 50 slow, half, table', small, { scan });
  for (const { format, limit } of FORMATS) {
    const large = await measure([BIN, 'replay', full.path, '-w', format]);
    printRow(`1,000 watchers, 50 slow, all, ${format}`, large, { scan, limit });
    const growth = large.ownMegabytes / small.ownMegabytes;
    console.log(
      `  its own ${large.ownMegabytes.toFixed(0)} MB ${hold(large.ownMegabytes, OWN_MEGABYTES_LIMIT)} are ` +
        `${growth.toFixed(2)} x those over half of the history ${hold(growth, GROWTH_LIMIT)}`,
    );
  }
  const snapshot = join(folder, 'snapshot.db');
  const packed = new URL('../../fixtures/snapshots/bench-100k/db.gz', import.meta.url);
  writeFileSync(snapshot, gunzipSync(readFileSync(packed)));
  await printCatchUp('10^5 revisions, 1 watcher of everything', {
    database: snapshot,
    watchers: ['  - {name: all, key: "", fromKey: true}'],
    realSeconds: 15.7,
  });
  await printCatchUp('10^6 revisions, 100 watchers by namespace', {
    database: full.database,
    watchers: byNamespace(100),
    realSeconds: 10,
  });
  await printCatchUp('10^6 revisions, 1,000 watchers, ten on each', {
    database: full.database,
    watchers: byNamespace(1000),
    realSeconds: 25,
  });
} finally {
  rmSync(folder, { recursive: true });
}
printVerdict();
