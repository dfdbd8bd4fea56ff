// Logs here have one put an entry, so that entry 5 makes revision 5, and the first entry is that of a new leader.

import assert from 'node:assert';
import t from 'tap';
import { entryOutcomes } from '../../../src/inspect/wal/entry-outcomes.js';
import { type LogDatabase, type LogSides, logWindow } from '../../../src/inspect/wal/log-window.js';
import { MemoryBackend } from '../../../src/mvcc/memory-backend.js';
import { allRecords } from '../../../src/mvcc/record.js';
import { u64 } from '../../../src/mvcc/revision.js';
import { Store } from '../../../src/mvcc/store.js';
import type { RaftLog } from '../../../src/wal/raft-log.js';
import { readLog } from '../../../src/wal/read-log.js';
import { encodeLogRequest } from '../../support/log-requests.js';
import { memorySegments } from '../../support/wal-segments.js';
import { entryIn, LogWriter, type Segment, takeApart } from '../../support/write-log.js';

const keyOf = (revision: number) => `k${revision % 3}`;
const putOf = (revision: number, value = String(revision)) =>
  encodeLogRequest({ kind: 'put', key: keyOf(revision), value }, {});

interface Wanted {
  readonly from?: number;
  readonly to: number;
  readonly commit?: number;
  /** The indexes that are missing, after a snapshot. */
  readonly without?: readonly [number, number];
  /** The index with which a restore has begun the log. */
  readonly restored?: number;
}

function segmentsOf({
  from = 1,
  to,
  commit = to,
  without: [first, last] = [0, 0],
  restored = 0,
}: Wanted): readonly Segment[] {
  const writer = new LogWriter(from === 1 ? {} : { sequence: 1, firstIndex: from });
  for (let index = from; index <= to; index++) {
    if (index === first) {
      writer.saveState({ term: 2, commit: first - 1 });
      writer.snapshot(last, 2);
    }
    if (index >= first && index <= last) continue;
    if (index <= restored) writer.entry({ index, term: 1, type: 1, data: Buffer.from('\x08\0') });
    else writer.entry({ index, term: 2, data: index === 1 ? undefined : putOf(index) });
    if (index === restored) writer.snapshot(restored, 1);
    if (index % 4 === 0) writer.saveState({ term: 2, commit: Math.min(index, commit) });
  }
  writer.saveState({ term: 2, commit });
  return writer.finish(4096);
}

function logOf(segments: readonly Segment[]): RaftLog {
  return readLog(memorySegments(segments));
}

interface DatabaseWanted {
  readonly to: number;
  readonly compactedAt?: number | undefined;
  /** A revision whose value is another. */
  readonly otherAt?: number;
  readonly index?: number;
  /** The term of its last entry. */
  readonly term?: number;
}

/** Makes the database that has applied the entries up to one. */
function databaseOf({ to, compactedAt, otherAt, index = to, term }: DatabaseWanted): LogDatabase {
  const backend = new MemoryBackend();
  const store = new Store(backend);
  for (let revision = 2; revision <= to; revision++) {
    const value = revision === otherAt ? 'other' : String(revision);
    store.write((txn) => txn.put(keyOf(revision), Buffer.from(value)));
  }
  if (compactedAt !== undefined) store.compact(compactedAt);
  backend.tables.meta.put(Buffer.from('consistent_index'), u64(index));
  if (term !== undefined) backend.tables.meta.put(Buffer.from('term'), u64(term));
  return {
    path: 'x.db',
    tables: backend.tables,
    sizeBytes: () => 0,
    close: () => undefined,
    entriesOf: () => [],
  };
}

/** Tells what a window gives: its revisions, those of which the entry is known, and what is said of it. */
function windowOf(sides: LogSides) {
  const { tables, originsOf, lastIndex, usesBeside, problem, doubt, remarks } = logWindow(sides);
  const records = [...allRecords(tables.key)].map((record) => {
    const { main } = record;
    const value = record.keyValue().value.toString();
    return `${main}${value === String(main) ? '' : `=${value}`}${originsOf(main)[0]?.index === main ? '' : '?'}`;
  });
  return { records: records.join(' '), lastIndex, usesBeside, problem, doubt, remarks };
}

const numbers = (from: number, to: number, mark = '') =>
  Array.from({ length: to - from + 1 }, (_, i) => `${from + i}${mark}`).join(' ');

t.test('a log from its first entry on', async (t) => {
  const raft = logOf(segmentsOf({ to: 14, commit: 12 }));
  t.match(windowOf({ raft }), {
    records: numbers(2, 12),
    lastIndex: 12,
    problem: undefined,
    remarks: [/^the log gives revisions 2 to 12, by its entries 1 to 12$/, /^left out: entries 13 to 14 /],
  });
  for (const compactedAt of [undefined, 5, 10]) {
    const beside = databaseOf({ to: 10, ...(compactedAt !== undefined && { compactedAt }) });
    t.match(windowOf({ raft, beside }), {
      records: numbers(2, 12),
      usesBeside: false,
      problem: undefined,
      remarks: [/^the log gives revisions 2 to 12, /, /^not in the database yet: entries 11 to 12 /, /^left out/],
    });
  }
  const behindCommit = windowOf({ raft, beside: databaseOf({ to: 13 }) });
  t.equal(behindCommit.records, numbers(2, 13), 'what the database has applied was committed');
});

t.test('the index of a database, which would have to be built, is not needed', async (t) => {
  const raft = logOf(segmentsOf({ from: 6, to: 12 }));
  const database = databaseOf({ to: 10 });
  const { key, meta, lease, watch } = database.tables;
  const get = () => assert.fail('the index is built');
  const tables = Object.defineProperty({ key, meta, lease, watch } as LogDatabase['tables'], 'index', {
    get,
    enumerable: true,
  });
  const file = { ...database, tables };
  t.match(windowOf({ raft, base: file }), { lastIndex: 12 });
  t.match(windowOf({ raft, beside: file }), { lastIndex: 12 });
});

t.test('a database that ends with an entry of another term is of another history', async (t) => {
  const raft = logOf(segmentsOf({ from: 6, to: 12 }));
  const whole = windowOf({ raft, beside: databaseOf({ to: 10, compactedAt: 8, term: 2 }) });
  t.match(whole, { lastIndex: 12, problem: undefined });
  const beside = databaseOf({ to: 10, compactedAt: 8, term: 3 });
  const other =
    /^entry 10, with which x.db ends, has term 3 there and term 2 in the log: nothing of the log is applied/;
  t.match(windowOf({ raft, beside }), { lastIndex: 10, problem: other, remarks: [/^the log begins at entry 6/] });
  t.match(entryOutcomes({ raft, beside }).of(12), undefined);
  const version = { key: Buffer.from('clusterVersion'), value: Buffer.from('3.4.0') };
  const of34 = { ...beside, entriesOf: (bucket: string) => (bucket === 'cluster' ? [version] : []) };
  t.strictSame(windowOf({ raft, beside: of34 }), whole, '3.4 leaves there what a later server has written');
  t.match(entryOutcomes({ raft, beside: of34 }).of(12), { revision: 12 });
});

t.test('a log that goes on from a database', async (t) => {
  const raft = logOf(segmentsOf({ from: 6, to: 12 }));
  const [beside, base] = [databaseOf({ to: 11, compactedAt: 9 }), databaseOf({ to: 7, compactedAt: 4 })];
  const left = '2? 3? 4?';
  t.match(windowOf({ raft, beside }), {
    records: '7? 8? 9? 10 11 12',
    usesBeside: true,
    problem: undefined,
    remarks: [/^the log begins at entry 6, .* before revision 9/, /^not in the database yet: entry 12 /],
  });
  t.match(windowOf({ raft, base }), {
    records: `${left} 5? ${numbers(6, 12)}`,
    usesBeside: false,
    problem: undefined,
  });
  t.match(windowOf({ raft, base, beside }), {
    records: `${left} 5? ${numbers(6, 12)}`,
    problem: undefined,
    remarks: [
      /^the log goes on from x.db up to entry 12: revisions 4 to 12; the database alone begins at 9$/,
      /^not in/,
    ],
  });
  t.throws(() => windowOf({ raft }), {
    code: 'GAP',
    message: 'the log begins at entry 6: what was before is not in it',
  });
  t.throws(() => windowOf({ raft, base: databaseOf({ to: 4 }) }), {
    code: 'GAP',
    message: 'x.db ends with entry 4, and the log has no entry 5',
  });
  t.throws(() => windowOf({ raft, base: databaseOf({ to: 13 }) }), {
    code: 'GAP',
    message: 'x.db ends with entry 13, and the log ends at entry 12',
  });
  t.match(
    windowOf({ raft, base: databaseOf({ to: 12 }) }),
    { records: `${numbers(2, 5, '?')} ${numbers(6, 12)}` },
    'nothing follows',
  );
});

t.test('a log with a jump', async (t) => {
  const raft = logOf(segmentsOf({ to: 14, without: [6, 9] }));
  t.match(windowOf({ raft, beside: databaseOf({ to: 12, compactedAt: 4 }) }), {
    records: `${numbers(2, 5)} 6? 7? 8? 9? ${numbers(10, 14)}`,
    usesBeside: true,
    problem: undefined,
    remarks: [
      /^the log has no entries 6 to 9: the member was sent a snapshot/,
      /^the revisions up to 5 are from the log/,
      /^not in/,
    ],
  });
  t.match(windowOf({ raft, beside: databaseOf({ to: 12, compactedAt: 8 }) }), {
    records: '6? 7? 8? 9? 10 11 12 13 14',
    problem: undefined,
    remarks: [
      /^the log has no entries 6 to 9/,
      /^the revisions 2 to 5, which the log has before, are left out: .* begins at 8$/,
      /^not in/,
    ],
  });
  t.match(windowOf({ raft }), {
    records: numbers(2, 5),
    problem: /^the log has no entries 6 to 9: what is told ends with entry 5$/,
  });
});

/** Flips a bit in the entry with this index. */
function damaged(segments: readonly Segment[], index: number): Segment[] {
  const bytes = Buffer.from(segments[0]!.bytes);
  const data = putOf(index);
  bytes[bytes.indexOf(data) + data.length - 1]! ^= 1;
  return [{ name: segments[0]!.name, bytes }];
}

t.test('a damaged log', async (t) => {
  const raft = logOf(damaged(segmentsOf({ to: 14 }), 10));
  const damage = /^the log is damaged: 0000000000000000-0000000000000000.wal, byte \d+: .*; it is read up to entry 9/;
  t.match(windowOf({ raft }), { records: numbers(2, 8), problem: damage });
  t.match(windowOf({ raft, beside: databaseOf({ to: 13, compactedAt: 8 }) }), {
    records: `${numbers(2, 8)} ${numbers(9, 13, '?')}`,
    problem: damage,
    remarks: [
      /^the revisions up to 8 are from the log, which ends there with entry 8, and those up to 13 from the database$/,
    ],
  });
  const apart = windowOf({ raft, beside: databaseOf({ to: 13, compactedAt: 9 }) });
  t.match(apart, { records: numbers(2, 8), usesBeside: false, problem: damage });
  t.match(
    apart.problem,
    /; what is told ends at revision 8; the database has the revisions 9 to 13, which --compacted reads$/,
  );
});

t.test('a log whose end is missing', async (t) => {
  const [segment] = segmentsOf({ to: 14 });
  const bytes = segment!.bytes;
  const cut = bytes.subarray(0, bytes.indexOf(putOf(12)));
  const raft = logOf([{ name: segment!.name, bytes: cut }]);
  t.equal(raft.lastIndex, 11);
  const ends =
    /^the log ends with entry 11, of which 8 is the last that is known to be committed, before entry 13, which the member had: \S+, byte \d+: /;
  t.match(windowOf({ raft, beside: databaseOf({ to: 13, compactedAt: 6 }) }), {
    records: `${numbers(2, 8)} ${numbers(9, 13, '?')}`,
    problem: ends,
  });
  t.match(windowOf({ raft, beside: databaseOf({ to: 8 }) }), {
    records: numbers(2, 8),
    problem: undefined,
    remarks: [
      /^the log gives/,
      /^left out: entries 9 to 11/,
      /^the last write to the log was never finished, and is left out: /,
    ],
  });
});

t.test('a log that was copied before the database', async (t) => {
  const [segment] = segmentsOf({ to: 14 });
  const { start } = takeApart([segment!]).find((record) => entryIn(record)?.index === 12)!;
  const raft = logOf([{ name: segment!.name, bytes: Buffer.concat([segment!.bytes.subarray(0, start)], 4096) }]);
  t.match(windowOf({ raft, beside: databaseOf({ to: 13, compactedAt: 6 }) }), {
    records: `${numbers(2, 8)} ${numbers(9, 13, '?')}`,
    problem: undefined,
    remarks: [/^the log ends with entry 11, .* before entry 13, which the member had: /, /^the revisions up to 8 are/],
  });
  t.match(windowOf({ raft, beside: databaseOf({ to: 13, compactedAt: 9 }) }), {
    records: numbers(2, 8),
    problem: /^the log ends with entry 11, .*; what is told ends at revision 8; /,
  });
});

t.test('a database that contradicts the log', async (t) => {
  const raft = logOf(segmentsOf({ to: 14 }));
  const beside = databaseOf({ to: 12, compactedAt: 5, otherAt: 9 });
  t.match(windowOf({ raft, beside }), {
    records: `${numbers(2, 8)} 9=other? ${numbers(10, 12, '?')} 13 14`,
    usesBeside: true,
    problem:
      /^the log and the database differ from revision 9_0 on: the log gives a put of "k0", by entry 9, and the database has a put of "k0"; /,
  });
  t.match(windowOf({ raft, beside: databaseOf({ to: 12, compactedAt: 9, otherAt: 9 }) }), {
    records: '7? 8? 9=other? 10 11 12 13 14',
    problem: /differ from revision 9_0 on/,
  });
  t.match(windowOf({ raft, beside: databaseOf({ to: 12, index: 11 }) }), {
    records: `${numbers(2, 11)} 12? 13=12? 14=13? 15=14?`,
    problem: /differ from revision 12_0 on: the log gives nothing, and the database has a put of "k0"/,
  });
  const isUnchanged = () => false;
  t.match(windowOf({ raft, beside, isUnchanged }), {
    records: numbers(2, 14),
    problem: undefined,
    remarks: [/^x.db was written to while it was read, and is not compared/, /^the log gives/],
  });
});

t.test('a log that a restore has begun', async (t) => {
  const raft = logOf(segmentsOf({ to: 12, restored: 3 }));
  t.throws(() => windowOf({ raft }), {
    code: 'GAP',
    message: /^the log goes on from a snapshot that was restored, at entry 3: /,
  });
  t.match(windowOf({ raft, beside: databaseOf({ to: 10 }) }), {
    records: `2? 3? ${numbers(4, 12)}`,
    problem: undefined,
    remarks: [/^the log goes on from a snapshot that was restored/, /^not in the database yet: entries 11 to 12/],
  });
});

t.test('an entry of which the log does not decide the effect', async (t) => {
  const writer = new LogWriter();
  writer.entry({ index: 1, term: 2 });
  writer.entry({ index: 2, term: 2, data: putOf(2) });
  const get = { kind: 'range', key: 'k', revision: 99 } as const;
  const txn = encodeLogRequest({ kind: 'txn', success: [get, { kind: 'put', key: 'k0', value: '3' }] }, {});
  writer.entry({ index: 3, term: 2, data: txn });
  writer.saveState({ term: 2, commit: 3 });
  const raft = logOf(writer.finish());
  t.match(windowOf({ raft }), {
    problem: undefined,
    doubt: {
      text: /^the effect of entry 3, which counts as \w+.*, is not decided by the log, so that revisions from 3 on may have been others: /,
      from: 3,
      to: Number.POSITIVE_INFINITY,
    },
  });
  t.equal(windowOf({ raft, beside: databaseOf({ to: 3 }) }).doubt, undefined, 'the database decides it');
});

t.test('from the compaction of the database on, the state is certain whatever entries have done', async (t) => {
  const writer = new LogWriter();
  writer.entry({ index: 1, term: 2 });
  writer.entry({ index: 2, term: 2, data: putOf(2) });
  const get = { kind: 'range', key: 'k', revision: 99 } as const;
  const txn = encodeLogRequest({ kind: 'txn', success: [get, { kind: 'put', key: 'k0', value: '3' }] }, {});
  // One of the two was refused.
  for (const index of [3, 4]) writer.entry({ index, term: 2, data: txn });
  for (const index of [5, 6, 7]) writer.entry({ index, term: 2, data: putOf(index - 1) });
  writer.saveState({ term: 2, commit: 7 });
  const raft = logOf(writer.finish());
  const doubtBeside = (compactedAt?: number) =>
    windowOf({ raft, beside: databaseOf({ to: 6, compactedAt, index: 7 }) }).doubt;
  t.match(doubtBeside(5), {
    text: /^the effect of entry 3, .* nor is that of another one, so that revisions 3 to 4 may/,
    from: 3,
    to: 4,
  });
  t.match(doubtBeside(), { text: /so that other entries may have made the revisions from 3 on: /, from: 3, to: 0 });
});

t.test('a log without entries', async (t) => {
  const raft = logOf(new LogWriter().finish());
  t.throws(() => windowOf({ raft }), { code: 'GAP', message: /^the log has no entries/ });
  const beside = databaseOf({ to: 1, index: 1 });
  t.match(windowOf({ raft, beside }), { records: '', problem: undefined });
});
