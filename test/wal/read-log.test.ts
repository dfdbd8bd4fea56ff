import t from 'tap';
import type { RaftLog } from '../../src/wal/raft-log.js';
import { readLog } from '../../src/wal/read-log.js';
import { DATA_DIRECTORIES, dataDirectoryFile } from '../support/data-directories.js';
import { draws } from '../support/random.js';
import { recordedLog } from '../support/recorded-logs.js';
import { memorySegments } from '../support/wal-segments.js';
import { type LogEntry, LogWriter, type Segment, takeApart } from '../support/write-log.js';

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
      const log = readLog(memorySegments(recordedLog(set, member)));
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

const data = (text: string) => Buffer.from(text);

/** Returns the entries that a log gives, one `index/term data` each. */
const told = (log: RaftLog): string[] =>
  [...log.entries()].map((entry) => `${entry.index}/${entry.term} ${entry.data.toString()}`);

function logOf(write: (writer: LogWriter) => void, sizeBytes = 2048): RaftLog {
  const writer = new LogWriter();
  write(writer);
  return readLog(memorySegments(writer.finish(sizeBytes)));
}

t.test('an entry drops all from its index on, also below a snapshot', async (t) => {
  const log = logOf((writer) => {
    for (let index = 1; index <= 5; index++) writer.entry({ index, term: 2, data: data(`a${index}`) });
    writer.saveState({ term: 2, commit: 2 });
    // etcd itself keeps 3 to 5 if it starts from this snapshot (etcd issue 22442).
    writer.snapshot(5, 2);
    writer.entry({ index: 3, term: 3, data: data('b3') });
    writer.cut();
    writer.entry({ index: 4, term: 3, data: data('b4') });
    writer.entry({ index: 4, term: 4, data: data('c4') });
    writer.saveState({ term: 4, commit: 3 });
  });
  t.equal(log.damage, undefined);
  t.strictSame(told(log), ['1/2 a1', '2/2 a2', '3/3 b3', '4/4 c4']);
  t.strictSame(
    log.overwritten.map(({ position, ...range }) => ({ ...range, ...log.placeOf(position) }).segment.slice(0, 16)),
    ['0000000000000000', '0000000000000001'],
  );
  t.match(log.overwritten, [
    { from: 3, to: 5, fromTerm: 2, toTerm: 2, byTerm: 3, commit: 2 },
    { from: 4, to: 4, fromTerm: 3, toTerm: 3, byTerm: 4, commit: 2 },
  ]);
  t.strictSame(
    [...log.overwrittenEntries()].map((entry) => `${entry.index} ${entry.data.toString()}`),
    ['3 a3', '4 a4', '5 a5', '4 b4'],
  );
  t.match(log.hardState, { term: 4, commit: 3 });
  t.equal(log.entry(4)!.term, 4);
  t.equal(log.entry(5), undefined);
});

t.test('entries are found by index, before and behind a jump', async (t) => {
  const log = logOf((writer) => {
    for (const index of [1, 2, 3]) writer.entry({ index, term: 2, data: data(`${index}`) });
    writer.saveState({ term: 2, commit: 2 });
    writer.snapshot(100, 3);
    writer.saveState({ term: 3, commit: 100 });
    for (const index of [101, 102]) writer.entry({ index, term: 3, data: data(`${index}`) });
  });
  t.strictSame(log.jumps, [{ from: 3, to: 101, commit: 2 }], 'entry 3 may never have been committed');
  const indexes = (from: number, to: number) => [...log.entries(from, to)].map(({ index }) => index);
  t.strictSame(indexes(2, 101), [2, 3, 101]);
  t.strictSame(indexes(4, 100), []);
  t.strictSame(indexes(50, 1000), [101, 102]);
  t.equal(log.entry(50), undefined);
  t.equal(log.entry(102)!.term, 3);
  const { dataPosition, dataLength } = log.entry(102)!;
  t.equal(log.read(dataPosition, dataLength).toString(), '102');
});

t.test('a snapshot of another history leaves only what was committed', async (t) => {
  const log = logOf((writer) => {
    for (let index = 1; index <= 5; index++) writer.entry({ index, term: 2 });
    writer.saveState({ term: 2, commit: 3 });
    writer.snapshot(4, 3);
    writer.entry({ index: 5, term: 3 });
  });
  t.equal(log.damage, undefined);
  t.strictSame(told(log), ['1/2 ', '2/2 ', '3/2 ', '5/3 ']);
  t.strictSame(log.jumps, [{ from: 3, to: 5, commit: 3 }]);
});

/** Two segments, of which the first ends at its last record. */
function twoSegments(): readonly Segment[] {
  const writer = new LogWriter();
  for (let index = 1; index <= 2; index++) {
    writer.entry({ index, term: 2, data: data(`first ${index}`) });
    writer.saveState({ term: 2, vote: 0x8e9e05c52164694dn, commit: index });
  }
  writer.cut();
  writer.entry({ index: 3, term: 2 });
  for (let index = 4; index <= 5; index++) writer.entry({ index, term: 3, data: data(`second ${index}`) });
  writer.saveState({ term: 3, commit: 5 });
  return writer.finish(320);
}

/** Of the bits, one of so many is flipped. */
const BIT_STEP = draws(3, 1);

t.test('a flipped bit is damage at its record, and all before it is right', async (t) => {
  const segments = twoSegments();
  const records = takeApart(segments);
  const whole = told(readLog(memorySegments(segments)));
  for (const [place, { name, bytes }] of segments.entries()) {
    const ofSegment = records.filter(({ segment }) => segment === place);
    const used = ofSegment.at(-1)!.end;
    for (let bit = 0; bit < used * 8; bit += BIT_STEP) {
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      const log = readLog(memorySegments(segments));
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      const { start } = ofSegment.find(({ end }) => bit < end * 8)!;
      if (log.damage?.segment !== name || log.damage.offset !== start) {
        t.fail(`bit ${bit} of ${name}: ${JSON.stringify(log.damage ?? log.tornTail)}, where the frame is at ${start}`);
      }
      const entries = told(log);
      if (whole.slice(0, entries.length).join() !== entries.join()) t.fail(`bit ${bit} of ${name}: wrong entries`);
    }
  }
  t.equal(whole.length, 5);
});

t.test('a log that is cut short is right up to there, and damaged unless it is the last segment', async (t) => {
  const segments = twoSegments();
  const records = takeApart(segments);
  const whole = told(readLog(memorySegments(segments)));
  const [first, second] = segments as [Segment, Segment];
  for (const [place, segment] of segments.entries()) {
    for (let size = 1; size < segment.bytes.length; size++) {
      const cut = { name: segment.name, bytes: segment.bytes.subarray(0, size) };
      const log = readLog(memorySegments(place === 0 ? [cut, second] : [first, cut]));
      const entries = told(log);
      if (whole.slice(0, entries.length).join() !== entries.join()) t.fail(`${segment.name} cut at ${size}`);
      const within = records.find(({ segment, start, end }) => segment === place && start < size && size < end);
      const expected = within && { segment: segment.name, offset: within.start };
      const atFrame = place === 0 && within === undefined ? { segment: second.name, offset: 0 } : undefined;
      const torn = place === 1 ? expected : undefined;
      const damage = place === 0 && size < first.bytes.length ? (expected ?? atFrame) : undefined;
      const { problem: _a, ...tornAt } = log.tornTail ?? { problem: '' };
      const { problem: _b, ...damageAt } = log.damage ?? { problem: '' };
      if (JSON.stringify([tornAt, damageAt]) !== JSON.stringify([torn ?? {}, damage ?? {}])) {
        t.fail(`${segment.name} cut at ${size}: ${JSON.stringify([log.tornTail, log.damage])}`);
      }
    }
  }
  t.pass();
});

t.test('sectors that were never written end the last segment, but only behind all other records', async (t) => {
  const large = Buffer.alloc(1400, 'x');
  const written = (index: number) => {
    const writer = new LogWriter();
    for (let i = 1; i <= 4; i++) writer.entry({ index: i, term: 2, data: i === index ? large : data('small') });
    return writer.finish(4096);
  };
  const sectorsOf = (record: { start: number; end: number }) =>
    Array.from({ length: 8 }, (_, i) => i * 512).filter((at) => at + 512 > record.start && at < record.end);

  const torn = written(4);
  const last = takeApart(torn).at(-1)!;
  t.ok(sectorsOf(last).length >= 3);
  for (const at of sectorsOf(last)) {
    const bytes = Buffer.from(torn[0]!.bytes);
    bytes.fill(0, Math.max(at, last.start), at + 512);
    const log = readLog(memorySegments([{ ...torn[0]!, bytes }]));
    t.equal(log.damage, undefined, `sector ${at / 512}`);
    t.equal(log.tornTail?.offset, last.start);
    t.equal(log.lastIndex, 3);
  }

  const lost = written(3);
  const [record] = takeApart(lost).slice(-2);
  for (const at of sectorsOf(record!)) {
    const bytes = Buffer.from(lost[0]!.bytes);
    bytes.fill(0, Math.max(at, record!.start), Math.min(at + 512, record!.end));
    const log = readLog(memorySegments([{ ...lost[0]!, bytes }]));
    t.equal(log.damage?.offset, record!.start, `sector ${at / 512}`);
    t.equal(log.tornTail, undefined);
  }
});

t.test('a segment that is missing or there twice is damage, and other files are passed over', async (t) => {
  const writer = new LogWriter();
  for (let index = 1; index <= 4; index++) {
    writer.entry({ index, term: 2 });
    if (index < 4) writer.cut();
  }
  const segments = writer.finish(1024);
  const zeros = { name: '0.tmp', bytes: Buffer.alloc(1024) };
  const broken = { name: `${segments[1]!.name}.broken`, bytes: Buffer.from('broken') };
  const all = readLog(memorySegments([zeros, broken, ...segments].reverse()));
  t.equal(all.damage, undefined);
  t.equal(all.lastIndex, 4);

  const missing = readLog(memorySegments([segments[0]!, segments[3]!]));
  t.strictSame(missing.damage, {
    segment: segments[3]!.name,
    offset: 0,
    problem: 'segments 0000000000000001-*.wal to 0000000000000002-*.wal are missing before this one',
  });
  t.equal(missing.lastIndex, 1);

  const twice = { ...segments[0]!, name: '0000000000000000-0000000000000001.wal' };
  t.match(readLog(memorySegments([segments[0]!, twice])).damage, { segment: twice.name, offset: 0 });

  const purged = readLog(memorySegments(segments.slice(2)));
  t.equal(purged.damage, undefined, 'the checksum of those before is taken as it is');
  t.equal(purged.firstIndex, 3);
});

t.test('what a server writes while the log is read is no damage', async (t) => {
  const writer = (count: number) => {
    const log = new LogWriter();
    for (let index = 1; index <= count; index++) log.entry({ index, term: 2, data: data('of some length') });
    return log.finish(2048)[0]!;
  };
  const { name, bytes: later } = writer(9);
  const { bytes: now } = writer(3);
  // The first read sees a record of which the end is not there yet.
  const half = takeApart([writer(4)]).at(-1)!;
  later.copy(now, half.start, half.start, half.end - 16);
  let reads = 0;
  const growing = {
    name,
    sizeBytes: 2048,
    read: (offset: number, length: number) => (reads++ === 0 ? now : later).subarray(offset, offset + length),
    readInto: (bytes: Buffer, offset: number) => void later.copy(bytes, 0, offset, offset + bytes.length),
  };
  const log = readLog([growing]);
  t.equal(log.damage, undefined);
  t.equal(log.lastIndex, 9);
});

t.test('the zeros of a new segment take no memory', async (t) => {
  const writer = new LogWriter();
  writer.entry({ index: 1, term: 2 });
  const [source] = memorySegments(writer.finish(8 * 1024 * 1024));
  let kept = 0;
  const read = (offset: number, length: number) => {
    kept += length;
    return source!.read(offset, length);
  };
  t.match(readLog([{ ...source!, read }]), { lastIndex: 1, damage: undefined, tornTail: undefined });
  t.ok(kept <= 1024 * 1024, `${kept} bytes`);
});

t.test('what checksums do not cover shows in what a record holds', async (t) => {
  const problems = (write: (writer: LogWriter) => void) => logOf(write).damage?.problem;
  const entry = (over: Partial<LogEntry>) => (writer: LogWriter) => {
    writer.entry({ index: 1, term: 2 });
    writer.entry({ index: 2, term: 2, ...over });
  };
  t.equal(problems(entry({ type: 3 })), 'there is no entry of type 3');
  t.equal(problems(entry({ term: 1 })), 'entry 2 has term 1, and the one before it 2');
  t.equal(problems(entry({ index: 0 })), 'there is no entry with index 0 and term 2');
  const state = (writer: LogWriter) => {
    writer.saveState({ term: 2, commit: 1 });
    writer.saveState({ term: 1, commit: 1 });
  };
  t.equal(problems(state), 'the hard state has term 1, and the one before it 2');
});

t.test('a log without anything', async (t) => {
  const log = readLog([]);
  t.match([log.firstIndex, log.lastIndex, log.entryCount], [0, 0, 0]);
  t.strictSame([...log.entries()], []);
  const empty = { name: '0000000000000000-0000000000000000.wal', bytes: Buffer.alloc(0) };
  t.match(readLog(memorySegments([empty])).damage, { offset: 0, problem: 'the segment has no records' });
});
