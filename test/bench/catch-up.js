// @ts-check
// `npm run bench` measures how long the catch-up over 100,000 revisions of 20,000 keys takes. Each figure is that of a
// separate process, start included, and is printed beside a plain scan of the same rows with lmdb in the same run. The
// exit status is 1 if a figure is above its limit.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { BIN, hold, measure, measureScan, printRow, printVerdict } from './measure.js';

const packed = new URL('../../fixtures/snapshots/bench-100k/db.gz', import.meta.url);
const folder = mkdtempSync(join(tmpdir(), 'mvccw-bench-'));
const snapshot = join(folder, 'snapshot.db');
const database = join(folder, 'mvccw.db');

/**
 * The limit of the ratio of one record's cost over all of the history to its cost over half of it; a quadratic cost
 * would make it 2.
 */
const SCALING_LIMIT = 1.5;

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

/** The watchers range from one of every key to one of a single pod, so they fill their batches at different paces. */
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

/**
 * Prints how the cost of a record grows with the history; a longer history must not make a record cost more.
 * @param {readonly string[]} replay
 */
async function printScaling(replay) {
  const quiet = [...replay.slice(0, -1), 'table', ...DENSITIES];
  const startSeconds = (await measure([BIN, '--version'])).cpuSeconds;
  /** @type {number[]} */
  const perRecord = [];
  for (const toRev of [50_001, 100_001]) {
    /** @type {number[]} */
    const times = [];
    for (let run = 0; run < 3; run++) {
      times.push((await measure([...quiet, '--to-rev', String(toRev)])).cpuSeconds - startSeconds);
    }
    perRecord.push((Math.min(...times) / toRev) * 1e6);
  }
  const [half, full] = perRecord;
  const ratio = /** @type {number} */ (full) / /** @type {number} */ (half);
  console.log(
    `10 watchers, 0 to 100,000 events each: ${half?.toFixed(1)} µs a record over half of the history, ` +
      `${full?.toFixed(1)} over all of it: ${ratio.toFixed(2)} x ${hold(ratio, SCALING_LIMIT)}`,
  );
}

try {
  writeFileSync(snapshot, gunzipSync(readFileSync(packed)));
  const replay = [BIN, '--db', database, 'replay', '--from-rev', '1', '-w', 'json'];
  const imported = await measure([BIN, '--db', database, 'import', snapshot]);
  const scan = await measureScan(database);
  printRow('scan of the rows with lmdb alone', scan, { scan });
  printRow('import', imported, { scan, limit: 12 });
  printRow('replay, 1 watcher of everything', await measure(replay), {
    scan,
    limit: 12,
    note: 'etcd 3.5.30: 15.7 s',
  });
  const hundred = byNamespace(100);
  printRow('replay, 100 watchers by namespace', await measure([...replay, ...hundred]), {
    scan,
    limit: 15,
    note: 'etcd 3.5.30: 0.42 s',
  });
  const unchecked = [...replay.slice(0, -1), 'table', '--check', 'off', ...hundred];
  printRow('the same unchecked, no events printed', await measure(unchecked), { scan, limit: 8 });
  const straight = [BIN, '--db', snapshot, ...replay.slice(3)];
  printRow('replay of the etcd file itself, 1 watcher', await measure(straight), { scan, limit: 15 });
  await printScaling(replay);
} finally {
  rmSync(folder, { recursive: true });
}
printVerdict();
