// @ts-check
// `npm run bench:large` runs the commands that read all of an etcd file over a snapshot of 2 GB with a million revisions of
// 20,000 keys, and some of them over one of a million keys with small values, where only the limit of memory holds.
// Each is a separate process. They are measured by two things that a process can do with the file: read its bytes once
// and take their SHA-256, which is what it takes to trust a snapshot, and read each page and each pair once with the code
// of this project. The limit is of the first. The exit status is 1 if a figure is above its limit.

import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BIN, hold, measure, printRow, printVerdict } from './measure.js';
import { namespace } from './write-history.js';
import { writeSnapshot } from './write-snapshot.js';

const REVISIONS = Number(process.env.MVCCW_BENCH_REVISIONS ?? 1_000_000);
/** The longest time that most commands may take, in reads of the file with their SHA-256, and the most memory of its own. */
const READS_LIMIT = 4;
const OWN_MEGABYTES_LIMIT = 300;

const READ = `
const { createHash } = await import('node:crypto');
const { openSync, readSync } = await import('node:fs');
const file = openSync(process.argv[1]);
const hash = createHash('sha256');
const piece = Buffer.alloc(1024 * 1024);
for (let got = readSync(file, piece); got > 0; got = readSync(file, piece)) hash.update(piece.subarray(0, got));
hash.digest();
`;

const SCAN = `
const { openEtcdFile } = await import(process.argv[1]);
const file = openEtcdFile(process.argv[2]);
let bytes = 0;
for (const { key, value } of file.tables.key.entries()) bytes += key.length + value.length;
if (bytes === 0) throw new Error('no records');
`;

const folder = mkdtempSync(join(tmpdir(), 'mvccw-bench-'));
const snapshot = join(folder, 'snapshot.db');
const exported = join(folder, 'exported.db');
const older = join(folder, 'older.db');
const middle = String(Math.floor(REVISIONS / 2));

/**
 * The commands, each with its limits of time and memory if those are not the ones of all, and its exit status if that is
 * not 0: it is 1 where a comparison finds a difference.
 * @type {readonly (readonly [what: string, args: readonly string[], more?: { limit?: number, status?: number, memory?: number }])[]}
 */
const ROWS = [
  ['history of a key', ['history', `${namespace(7)}pod-000007`]],
  ['history of all, --reverse --limit 20', ['history', '', '--prefix', '--reverse', '--limit', '20']],
  ['history of a namespace of a hundred', ['history', namespace(7), '--prefix']],
  ['usage', ['usage']],
  ['check', ['check']],
  // It reads the file three times: for the digest, the pages and the records.
  ['status', ['status'], { limit: 6 }],
  // It takes a second checksum, of all records.
  ['hash', ['hash'], { limit: 6 }],
  ['get of all keys', ['get', '', '--prefix', '--keys-only']],
  // It writes all of the file in base64.
  ['dump', ['dump'], { limit: 14 }],
  // It writes as much again, and reads that for its SHA-256.
  ['export of the whole window', ['export', exported], { limit: 8 }],
  // Each of two files is read three times: for its digest, its keys and the comparison.
  ['diff with what was exported', ['diff', exported], { limit: 12 }],
  ['export of a revision', ['export', older, '--rev', middle]],
  // This one is half as long.
  ['diff with it, --stat', ['diff', older, '--stat'], { status: 1, limit: 6 }],
  ['diff of two revisions, --stat', ['diff', '--rev', `${middle}..`, '--stat'], { status: 1 }],
];

/**
 * Commands that keep something of each key.
 * @type {typeof ROWS}
 */
const ROWS_OF_KEYS = [
  ['usage', ['usage']],
  ['check', ['check']],
  ['status', ['status']],
  ['hash at a revision', ['hash', '--rev', middle]],
  // Its answer is one piece, as etcd's is.
  ['get of all keys', ['get', '', '--prefix', '--keys-only'], { memory: 700 }],
  ['history of all, --reverse --limit 20', ['history', '', '--prefix', '--reverse', '--limit', '20']],
  ['export of a revision', ['export', older, '--force', '--rev', middle]],
  ['diff with it, --stat', ['diff', older, '--stat'], { status: 1 }],
];

/**
 * Writes a snapshot, and prints what the commands take over it.
 * @param {typeof ROWS} rows
 * @param {boolean} isTimed whether the limit of time holds
 * @param {import('./write-snapshot.js').Shape} [shape]
 */
async function run(rows, isTimed, shape) {
  rmSync(snapshot, { force: true });
  writeSnapshot(snapshot, REVISIONS, shape);
  console.log(`${REVISIONS} revisions, ${(statSync(snapshot).size / 1e6).toFixed(0)} MB`);
  const open = new URL('../../dist/storage/etcd-file.js', import.meta.url).href;
  const read = await measure(['--input-type=module', '-e', READ, snapshot]);
  const scan = await measure(['--input-type=module', '-e', SCAN, open, snapshot]);
  printRow('read of the bytes, with SHA-256', read, { scan, read });
  printRow('scan of all pages and pairs', scan, { scan, read });
  for (const [what, args, { limit = READS_LIMIT, status = 0, memory = OWN_MEGABYTES_LIMIT } = {}] of rows) {
    const row = await measure([BIN, '--db', snapshot, ...args], undefined, status);
    const note = hold(row.ownMegabytes, memory);
    printRow(what, row, { scan, read, ...(isTimed && { limit }), note });
  }
}

try {
  await run(ROWS, true);
  const million = { pods: REVISIONS, valueBytes: 100, largeValueBytes: 100 };
  await run(ROWS_OF_KEYS, false, million);
} finally {
  rmSync(folder, { recursive: true });
}
printVerdict();
