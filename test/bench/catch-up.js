// @ts-check
// How long the catch-up over 100,000 revisions of 20,000 keys takes: `npm run bench`. Each figure is of a process of its
// own, start included, and stands beside a plain scan of the same rows with lmdb in the same run.

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

/** Prints its peak memory behind what it ran. */
const MEASURED = "process.on('exit', () => process.stderr.write('maxRSS ' + process.resourceUsage().maxRSS + '\\n'));";

/**
 * @param {readonly string[]} args of node
 * @returns {{ seconds: number, megabytes: number }}
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
  return { seconds, megabytes: Number(/maxRSS (\d+)/.exec(run.stderr)?.[1]) / 1024 };
}

/** @param {number} count */
function byNamespace(count) {
  return Array.from({ length: count }, (_, i) => {
    const name = `ns-${String(i).padStart(3, '0')}`;
    return ['--watch', `name=${name},key=/registry/pods/${name}/,prefix`];
  }).flat();
}

try {
  writeFileSync(snapshot, gunzipSync(readFileSync(packed)));
  const replay = [bin, '--db', database, 'replay', '--from-rev', '1', '-w', 'json'];
  const imported = measure([bin, '--db', database, 'import', snapshot]);
  const scan = measure(['--input-type=module', '-e', SCAN, database]);
  const rows = [
    ['scan of the rows with lmdb alone', scan, ''],
    ['import', imported, ''],
    ['replay, 1 watcher of everything', measure(replay), 'etcd 3.5.30: 15.7 s'],
    ['replay, 100 watchers by namespace', measure([...replay, ...byNamespace(100)]), 'etcd 3.5.30: 0.42 s'],
    [
      'replay, 100 watchers, unchecked, no events printed',
      measure([...replay.slice(0, -1), 'table', '--check', 'off', ...byNamespace(100)]),
      '',
    ],
    ['replay of the snapshot itself, 1 watcher', measure([bin, '--db', snapshot, ...replay.slice(3)]), ''],
  ];
  for (const [what, { seconds, megabytes }, note] of /** @type {[string, typeof scan, string][]} */ (rows)) {
    const ratio = (seconds / scan.seconds).toFixed(1);
    console.log(
      `${what.padEnd(52)} ${seconds.toFixed(2).padStart(6)} s  ${ratio.padStart(5)} x the scan  ${megabytes.toFixed(0).padStart(4)} MB  ${note}`,
    );
  }
} finally {
  rmSync(folder, { recursive: true });
}
