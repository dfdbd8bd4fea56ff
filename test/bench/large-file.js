// @ts-check
// `npm run bench:large` runs the commands that read all of an etcd file over a snapshot of 2 GB with a million revisions.
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
/** The longest time that a command may take, in reads of the file with their SHA-256, and the most memory of its own. */
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
 * The commands, each with the number of large files that it reads if that is not one, and its exit status if that is not
 * 0: it is 1 where a comparison finds a difference.
 * @type {readonly (readonly [what: string, args: readonly string[], more?: { files?: number, status?: number }])[]}
 */
const ROWS = [
  ['history of a key', ['history', `${namespace(7)}pod-000007`]],
  ['history of all, --reverse --limit 20', ['history', '', '--prefix', '--reverse', '--limit', '20']],
  ['history of a namespace of a hundred', ['history', namespace(7), '--prefix']],
  ['usage', ['usage']],
  ['check', ['check']],
  ['status', ['status']],
  ['hash', ['hash']],
  ['get of all keys', ['get', '', '--prefix', '--keys-only']],
  ['dump', ['dump']],
  ['export of the whole window', ['export', exported]],
  ['diff with what was exported', ['diff', exported], { files: 2 }],
  ['export of a revision', ['export', older, '--rev', middle]],
  ['diff with it, --stat', ['diff', older, '--stat'], { status: 1 }],
  ['diff of two revisions, --stat', ['diff', '--rev', `${middle}..`, '--stat'], { status: 1 }],
];

try {
  writeSnapshot(snapshot, REVISIONS);
  console.log(`${REVISIONS} revisions, ${(statSync(snapshot).size / 1e6).toFixed(0)} MB`);
  const open = new URL('../../dist/storage/etcd-file.js', import.meta.url).href;
  const scan = await measure(['--input-type=module', '-e', SCAN, open, snapshot]);
  const read = await measure(['--input-type=module', '-e', READ, snapshot]);
  printRow('read of the bytes, with SHA-256', read, { scan, read });
  printRow('scan of all pages and pairs', scan, { scan, read });
  for (const [what, args, { files = 1, status = 0 } = {}] of ROWS) {
    const row = await measure([BIN, '--db', snapshot, ...args], undefined, status);
    printRow(what, row, { scan, read, limit: files * READS_LIMIT, note: hold(row.ownMegabytes, OWN_MEGABYTES_LIMIT) });
  }
} finally {
  rmSync(folder, { recursive: true });
}
printVerdict();
