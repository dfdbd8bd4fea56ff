// These tests take the beginning of real logs away, align what is left with the window of the file, and hold the result
// against the origins that applying the whole log gives.

import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { alignLog } from '../../../src/inspect/align/align.js';
import { applyLog } from '../../../src/mvcc/apply/apply-log.js';
import { consistentIndexOf } from '../../../src/mvcc/apply/base-state.js';
import { CheckedStoreReader } from '../../../src/mvcc/store.js';
import { openEtcdFile } from '../../../src/storage/open-backend.js';
import type { RaftLog } from '../../../src/wal/raft-log.js';
import { readLog } from '../../../src/wal/read-log.js';
import { DATA_DIRECTORIES, dataDirectoryFile, dataDirectorySizes } from '../../support/data-directories.js';
import { recordedLog } from '../../support/recorded-logs.js';
import { projectFile } from '../../support/root.js';
import { memorySegments } from '../../support/wal-segments.js';

/** Writes the database of a member into a folder, and returns its path. */
function unpackDatabase(set: string, member: string, folder: string): string {
  const path = join(folder, `${set}.db`);
  writeFileSync(path, dataDirectoryFile(set, `${member}/db`));
  truncateSync(path, dataDirectorySizes(set, member)['member/snap/db']);
  return path;
}

const logOf = (set: string, member: string) => readLog(memorySegments(recordedLog(set, member)));

/** Returns a log without the entries below an index. */
function cutLog(log: RaftLog, firstIndex: number) {
  return {
    firstIndex,
    jumps: log.jumps,
    entries: (from = firstIndex, to = log.lastIndex) => log.entries(Math.max(from, firstIndex), to),
    entry: (index: number) => (index < firstIndex ? undefined : log.entry(index)),
    read: (position: number, length: number) => log.read(position, length),
  };
}

/** Returns the origins by applying the whole log; the one of behind-35-m3 has a gap, and that of another member has none. */
async function appliedLog(set: string, log: RaftLog) {
  if (set === 'purged-35')
    return applyLog(log, await openEtcdFile(projectFile('fixtures/datadirs/purged-35/base.db.gz')));
  return applyLog(log.jumps.length > 0 ? logOf(set, 'm1') : log, undefined);
}

/** How much of the log is taken away. */
const CUTS = [0.3, 0.8, 0.95];

t.test('what begins in the middle is aligned with the window, and nothing is guessed', async (t) => {
  const folder = t.testdir();
  const counts = { certain: 0, oneOf: 0, unknown: 0 };
  for (const [set, members] of Object.entries(DATA_DIRECTORIES)) {
    const member = members.at(-1)!;
    const log = logOf(set, member);
    const applied = await appliedLog(set, log);
    const file = await openEtcdFile(unpackDatabase(set, member, folder));
    const store = new CheckedStoreReader(file);
    const lastIndex = consistentIndexOf(file);
    for (const cut of CUTS) {
      const firstIndex = Math.floor(log.firstIndex + (lastIndex - log.firstIndex) * cut);
      const alignment = alignLog({ store, base: file, log: cutLog(log, firstIndex), lastIndex });
      if (alignment.contradiction !== undefined) t.fail(`${set} ${member} from ${firstIndex}: contradiction`);
      for (let main = Math.max(store.compactRev, 1) + 1; main <= store.currentRev; main++) {
        const origins = alignment.originsOf(main);
        const origin = applied.originOf(main)!;
        const isOneOf = origins.length === 0 || origins.some(({ index }) => index === origin.index);
        if (!isOneOf) t.fail(`${set} ${member} from ${firstIndex}, revision ${main}: another entry`);
        const isThere = origin.index >= Math.max(firstIndex, log.jumps.at(-1)?.to ?? 0);
        if (isThere) counts[origins.length === 0 ? 'unknown' : origins.length === 1 ? 'certain' : 'oneOf']++;
      }
    }
    file.close();
  }
  t.same(counts, { certain: 5103, oneOf: 4, unknown: 49 });
});
