import t from 'tap';
import type { RaftLog } from '../../src/wal/raft-log.js';
import { readLog } from '../../src/wal/read-log.js';
import { DATA_DIRECTORIES, dataDirectoryFile } from '../support/data-directories.js';
import { recordedSegments } from '../support/wal-segments.js';

/** Returns the lines that another reader of the log has left about a set, by its members. */
function reportedLines(set: string): Map<string, string> {
  const about = dataDirectoryFile(set, 'about.md').toString();
  const parts = about.split(/^(\w+)\.tar\.gz:$/m).slice(1);
  return new Map(
    parts.flatMap((member, i) => {
      const line = /^records map.*$/m.exec(parts[i + 1] ?? '')?.[0];
      return i % 2 === 0 && line !== undefined ? [[member, line] as const] : [];
    }),
  );
}

/** Returns such a line about a log. */
function lineOf(log: RaftLog): string {
  const { records, hardState, jumps } = log;
  const types = [records.metadata, records.entries, records.states, records.checksums, records.snapshots];
  const counts = types.map((count, i) => `${i + 1}:${count}`).join(' ');
  const snapshots = log.snapshots.map(({ index, term }) => `${index}/${term}`).join(' ');
  const told = jumps.map(({ from, to }) => `${from} to ${to}`).join(' ');
  return (
    `records map[${counts}] crc bad 0 torn 0 entries ${log.entryCount} ${log.firstIndex} - ${log.lastIndex} ` +
    `hardstate ${hardState!.term} ${hardState!.commit} beyond commit ${log.lastIndex - hardState!.commit} ` +
    `overwritten ${log.overwrittenCount} snapshots [${snapshots}] jumps [${told}]`
  );
}

t.test('the logs of real servers, as another reader has found them', async (t) => {
  let reported = 0;
  for (const [set, members] of Object.entries(DATA_DIRECTORIES)) {
    const lines =
      set.endsWith('-b') || /^(behind|diverged|k8s|purged|single)/.test(set) ? reportedLines(set) : new Map();
    for (const member of members) {
      const log = readLog(recordedSegments(set, member));
      t.equal(log.damage, undefined, `${set} ${member}`);
      t.equal(log.tornTail, undefined);
      const line = lines.get(member);
      if (line === undefined) continue;
      t.equal(lineOf(log), line, `${set} ${member}`);
      reported++;
    }
  }
  t.equal(reported, 14);
});
