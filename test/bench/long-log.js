// @ts-check
// `npm run bench` measures how long a write-ahead log of a million entries takes to be read and applied, beside the time
// that it takes to read it and to check its checksums. Each figure is that of a separate process, start included.

import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hold, measure, printVerdict } from './measure.js';
import { writeLog } from './write-log.js';

const ENTRIES = 1_000_000;
/** The most that reading and applying takes, as a multiple of reading. */
const APPLY_LIMIT = 3;
/** The most memory that the columns of the log may take, with the piece of it that is read: 60 bytes an entry, and 80 MB. */
const READ_MEGABYTES_LIMIT = 140;
const RUNS = 3;

const module = (/** @type {string} */ path) => JSON.stringify(new URL(`../../dist/${path}`, import.meta.url).href);
const READ = `
import { openLog } from ${module('storage/log-directory.js')};
const { raft } = openLog(process.argv[1]);
if (raft.entryCount !== ${ENTRIES} || raft.damage) throw new Error('the log is not whole');
`;
const APPLY = `${READ}
import { applyLog } from ${module('mvcc/apply/apply-log.js')};
const applied = applyLog(raft, undefined);
if (applied.currentRev !== Number(process.argv[2])) throw new Error('the log comes to revision ' + applied.currentRev);
`;

/**
 * Returns the run that took the least time.
 * @param {string} script @param {readonly string[]} args
 */
async function best(script, args) {
  const runs = [];
  for (let run = 0; run < RUNS; run++) runs.push(await measure(['--input-type=module', '-e', script, ...args]));
  return runs.reduce((least, run) => (run.cpuSeconds < least.cpuSeconds ? run : least));
}

const folder = mkdtempSync(join(tmpdir(), 'mvccw-bench-log-'));
try {
  const revision = writeLog(folder, ENTRIES);
  const names = readdirSync(join(folder, 'member', 'wal'));
  const bytes = names.reduce((sum, name) => sum + statSync(join(folder, 'member', 'wal', name)).size, 0);
  const read = await best(READ, [folder]);
  const apply = await best(APPLY, [folder, String(revision)]);
  const ratio = apply.cpuSeconds / read.cpuSeconds;
  const size = `${ENTRIES.toLocaleString('en-US')} entries, ${(bytes / 1e6).toFixed(0)} MB, ${revision} revisions`;
  const memory = `${read.ownMegabytes.toFixed(0)} MB ${hold(read.ownMegabytes, READ_MEGABYTES_LIMIT)}`;
  console.log(`a log of ${size}: read with its checksums in ${read.cpuSeconds.toFixed(2)} s of CPU, ${memory}`);
  console.log(
    `read and applied in ${apply.cpuSeconds.toFixed(2)} s of CPU, ${apply.ownMegabytes.toFixed(0)} MB of its own: ` +
      `${ratio.toFixed(2)} x the read ${hold(ratio, APPLY_LIMIT)}`,
  );
} finally {
  rmSync(folder, { recursive: true });
}
printVerdict();
