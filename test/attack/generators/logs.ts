// Damages the write-ahead logs of recorded data directories: bits, cuts, zeros, noise, and segments and records that are
// missing, repeated or swapped. The databases beside them are whole.

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readU64 } from '../../../src/mvcc/revision.js';
import { openEtcdFile } from '../../../src/storage/etcd-file.js';
import { LOG_DAMAGES } from '../../support/damage-log.js';
import { dataDirectoryFile } from '../../support/data-directories.js';
import { recordedLog } from '../../support/recorded-logs.js';
import { entryIn, type PlacedRecord, type Segment, takeApart } from '../../support/write-log.js';
import { DB, type Input, type Lab } from '../lab.js';
import type { AttemptName } from '../tally.js';

const READERS_AT_ONCE = 3;

/** Sets whose members tell all that their logs hold: nothing is in doubt. Of the last, an old revision that the log gives. */
const SETS = [
  ['cluster-35', 'm1', 60],
  ['mixed-34', 'm1', 100],
  ['auth-35', 'm1', 30],
] as const;

interface LogBase extends Input {
  readonly segments: readonly Segment[];
  readonly records: readonly PlacedRecord[];
  readonly readers: readonly (readonly string[])[];
  /** The last entry that the database has applied. */
  readonly appliedIndex: number;
  layWith(segments: readonly Segment[], path: string): void;
}

function base(set: string, member: string, rev: number): LogBase {
  const segments = recordedLog(set, member);
  const database = dataDirectoryFile(set, `${member}/db`);
  const layWith = (damaged: readonly Segment[], path: string) => {
    const db = join(path, 'member', 'snap', 'db');
    mkdirSync(dirname(db), { recursive: true });
    mkdirSync(join(path, 'member', 'wal'), { recursive: true });
    // Zeros at the end of the file are not recorded.
    writeFileSync(db, Buffer.concat([database, Buffer.alloc(-database.length & 0xfff)]));
    for (const { name, bytes } of damaged) writeFileSync(join(path, 'member', 'wal', name), bytes);
  };
  const readers = [
    ['get', '', '--prefix', '-w', 'json'],
    ['get', '', '--prefix', '-w', 'json', '--rev', String(rev)],
    ['history', '', '--prefix', '-w', 'json'],
    ['blame', '', '--prefix', '-w', 'json'],
    ['hash', '-w', 'json', '--rev', String(rev)],
    ['replay', '-w', 'json'],
    ['wal', '-w', 'json'],
    ['usage', '-w', 'json'],
  ].map((words) => ['--db', DB, ...words]);
  return {
    name: set,
    segments,
    records: takeApart(segments),
    readers,
    appliedIndex: 0,
    lay: (path) => layWith(segments, path),
    layWith,
  };
}

let bases: readonly LogBase[] | undefined;

const lastIndexIn = (segments: readonly Segment[]): number =>
  takeApart(segments).reduce((last, record) => entryIn(record)?.index ?? last, 0);

export const logs = {
  name: 'logs',
  async attempt(lab: Lab, attempt: AttemptName): Promise<void> {
    const next = lab.random(attempt);
    bases ??= await lab.inFolder(async (folder) =>
      SETS.map(([set, member, rev]) => {
        const made = base(set, member, rev);
        made.lay(join(folder, set));
        const file = openEtcdFile(join(folder, set, 'member', 'snap', 'db'));
        const index = file.raftRecords().consistentIndex;
        file.close();
        return { ...made, appliedIndex: index === undefined ? 0 : readU64(index, 0) };
      }),
    );
    const target = bases[next(bases.length)]!;
    const { segments, records, readers, appliedIndex } = target;
    const kinds = Object.keys(LOG_DAMAGES);
    const kind = kinds[next(kinds.length)]!;
    const { segments: damaged, what, isClean } = LOG_DAMAGES[kind]!({ segments, records, draw: next });
    const isShorter = isClean && (damaged.length === 0 || lastIndexIn(damaged) >= appliedIndex);
    await lab.attack(attempt, {
      what: `${kind}: ${what}`,
      base: target,
      chains: Array.from({ length: READERS_AT_ONCE }, () => ({ commands: [readers[next(readers.length)]!] })),
      check: ['--db', DB, 'wal', 'check', '-w', 'json'],
      lay: (path) => target.layWith(damaged, path),
      mayDiffer: () => isShorter,
    });
  },
};
