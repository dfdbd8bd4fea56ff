// Reads the lines of a dump. It takes them in the one order in which they are written, and checks all that can be checked
// without a database: forms, the sequence of revisions, counts and the sum.

import type { Bytes } from '../../bytes/byte-string.js';
import { MvccwError } from '../../errors.js';
import { encodeKeyValue, encodeTombstone } from '../../mvcc/key-value.js';
import { encodeLease } from '../../mvcc/lease-record.js';
import { type Lease, readLease } from '../../mvcc/leases.js';
import { StoredRecord } from '../../mvcc/record.js';
import { RecordSequence } from '../../mvcc/record-sequence.js';
import { encodeRevisionKey } from '../../mvcc/revision.js';
import { watchSpecOf } from '../../requests/watch-spec.js';
import type { DumpEnd, DumpHeader, DumpItem } from './dump-item.js';
import { DUMP_SCHEMA_VERSION, LineSum, lineOf, type RecordType } from './dump-line.js';
import { badLine, LineFields } from './line-fields.js';

const KINDS: readonly DumpItem['kind'][] = ['dump', 'lease', 'watcher', 'record', 'end'];
const RECORD_TYPES: readonly RecordType[] = ['PUT', 'DELETE', 'EMPTY'];
const EMPTY = Buffer.alloc(0);

export class DumpReader {
  private readonly sum = new LineSum();
  private readonly counts = { dump: 0, lease: 0, watcher: 0, record: 0, end: 0 };
  private sequence: RecordSequence | undefined;
  private last: StoredRecord | undefined;
  private kind: DumpItem['kind'] = 'dump';
  private lines = 0;

  /** Runs `body`, and says in what it throws which line was read last, unless it is the disk that fails. */
  inLine<T>(body: () => T): T {
    try {
      return body();
    } catch (error) {
      throw error instanceof MvccwError && error.code !== 'IO' ? error.under(`line ${this.lines}`) : error;
    }
  }

  /** Reads the next line. Throws CORRUPT. */
  read(line: Bytes): DumpItem {
    this.lines++;
    return this.inLine(() => this.item(line));
  }

  /** Says that no line follows. Throws CORRUPT if the last one was not the end of a dump. */
  finish(): void {
    if (this.counts.end > 0) return;
    const what = this.lines === 0 ? 'the dump is empty' : `the dump was cut short: line ${this.lines} is not its end`;
    throw badLine(what);
  }

  private item(line: Bytes): DumpItem {
    const fields = new LineFields(line);
    const kind = this.kindOf(fields);
    const item = READERS[kind](fields);
    // A dump may have been made with decoded values beside the bytes. They say nothing that the bytes do not.
    if (item.kind === 'record') fields.ignore('decoded');
    fields.end();
    if (item.kind === 'record') this.follow(item.record);
    else if (item.kind === 'dump') this.sequence = new RecordSequence(0, item.compactRev);
    else if (item.kind === 'end') this.check(item);
    this.sum.add(lineOf(item));
    this.counts[kind]++;
    return item;
  }

  private kindOf(fields: LineFields): DumpItem['kind'] {
    const schema = fields.count('schema');
    if (schema !== DUMP_SCHEMA_VERSION) {
      throw new MvccwError('FORMAT', `the dump has format ${schema}; this mvccw reads format ${DUMP_SCHEMA_VERSION}`);
    }
    const kind = fields.oneOf('kind', KINDS);
    if ((kind === 'dump') !== (this.lines === 1)) {
      throw badLine(kind === 'dump' ? 'a second dump begins' : 'a dump begins with a line of kind dump');
    }
    if (this.kind === 'end') throw badLine('a line behind the end of the dump');
    if (KINDS.indexOf(kind) < KINDS.indexOf(this.kind)) throw badLine(`a ${kind} behind a ${this.kind}`);
    this.kind = kind;
    return kind;
  }

  private follow(record: StoredRecord): void {
    const { last } = this;
    // Reading the key checks the record.
    void record.key;
    if (last !== undefined && last.keyBytes.compare(record.keyBytes) >= 0)
      throw badLine('its revision is not above the last');
    const problem = this.sequence!.follow(record);
    if (problem !== undefined) throw badLine(problem.text);
    this.last = record;
  }

  private check(end: DumpEnd): void {
    const { record: records, lease: leases, watcher: watchers } = this.counts;
    const found = { records, leases, watchers };
    for (const name of ['records', 'leases', 'watchers'] as const) {
      if (end[name] !== found[name]) throw badLine(`the end says ${end[name]} ${name}, and there are ${found[name]}`);
    }
    if (end.sum !== this.sum.sum) {
      throw badLine(`the end says that the sum of all lines is ${end.sum}, and it is ${this.sum.sum}`);
    }
  }
}

const READERS: Readonly<Record<DumpItem['kind'], (fields: LineFields) => DumpItem>> = {
  dump: readHeader,
  lease: (fields) => ({ kind: 'lease', lease: readLeaseLine(fields) }),
  watcher: readWatcher,
  record: (fields) => ({ kind: 'record', record: readRecord(fields) }),
  end: (fields) => ({
    kind: 'end',
    records: fields.count('records'),
    leases: fields.count('leases'),
    watchers: fields.count('watchers'),
    hash: fields.count('hash'),
    sum: fields.count('sum'),
  }),
};

function readHeader(fields: LineFields): DumpHeader {
  return {
    kind: 'dump',
    from: fields.text('from'),
    importedFrom: fields.optional('importedFrom', fields.text),
    etcdVersion: fields.optional('etcdVersion', fields.text),
    doubts: fields.optional('doubts', fields.text),
    currentRev: fields.count('currentRev', 1),
    compactRev: fields.count('compactRev', -1),
    scheduledCompactRev: fields.optional('scheduledCompactRev', fields.count),
    finishedCompactRev: fields.optional('finishedCompactRev', fields.count),
    leaseClockMs: fields.optional('leaseClockMs', fields.time),
  };
}

function readLeaseLine(fields: LineFields): Lease {
  const id = fields.int64('id');
  const record = {
    id,
    ttlSeconds: fields.count('ttlSeconds'),
    remainingTtlSeconds: fields.optional('remainingTtlSeconds', fields.count) ?? 0,
  };
  return { ...readLease(id, encodeLease(record)), deadlineMs: fields.optional('deadlineMs', fields.time) };
}

function readWatcher(fields: LineFields): DumpItem {
  const watcher = {
    name: fields.text('name'),
    key: fields.byteString('key'),
    end: fields.optional('rangeEnd', fields.byteString),
    startRev: fields.optional('startRev', (name) => fields.count(name, Number.MIN_SAFE_INTEGER)),
    filters: fields.listOf('filters', ['noput', 'nodelete']),
    prevKv: fields.flag('prevKv'),
    progressNotify: fields.optional('progressNotify', fields.flag),
    fragment: fields.optional('fragment', fields.flag),
    stream: fields.optional('stream', fields.text),
  };
  try {
    return { kind: 'watcher', spec: watchSpecOf(watcher) };
  } catch (error) {
    throw error instanceof MvccwError ? badLine(error.message) : error;
  }
}

function readRecord(fields: LineFields): StoredRecord {
  const { main, sub } = fields.revision('revision');
  const type = fields.oneOf('type', RECORD_TYPES);
  if (type === 'EMPTY') {
    const tombstone = fields.optional('tombstone', fields.flag) ?? false;
    return new StoredRecord(encodeRevisionKey({ main, sub }, tombstone), EMPTY);
  }
  const tombstone = type === 'DELETE';
  const keyBytes = encodeRevisionKey({ main, sub }, tombstone);
  const key = fields.byteString('key');
  if (tombstone) return new StoredRecord(keyBytes, encodeTombstone(key));
  const kv = {
    key,
    createRevision: fields.count('createRevision', 1),
    modRevision: main,
    version: fields.count('version', 1),
    value: fields.bytes('value'),
    lease: fields.optional('lease', fields.int64) ?? 0n,
  };
  return new StoredRecord(keyBytes, encodeKeyValue(kv));
}
