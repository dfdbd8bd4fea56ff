// This module writes write-ahead logs as etcd does, from records, and takes written ones apart into their records. It
// shares nothing with the reader in src.
//
//   segment   crc(of all before), metadata, [state], entries, states and snapshots, zeros up to the preallocated size
//   record    u64 LE: its length, and in the top byte 0x80 and the length of the padding; protobuf {type, crc, data};
//             zeros up to a multiple of 8

import { slowCrc32c } from './slow-crc32c.js';
import { message, sparse } from './wire.js';

const METADATA = 1;
const ENTRY = 2;
const STATE = 3;
const CRC = 4;
const SNAPSHOT = 5;

/** The size of a segment of a real server, which is more than tests need. */
const PREALLOCATED_BYTES = 64_000;

export interface LogRecord {
  readonly type: number;
  /** Undefined in the record of a checksum alone. */
  readonly data: Buffer | undefined;
}

export interface Segment {
  readonly name: string;
  readonly bytes: Buffer;
}

/** A record as it lies in a segment. */
export interface PlacedRecord extends LogRecord {
  readonly segment: number;
  readonly checksum: number;
  /** The byte where the frame begins, and the one behind its padding. */
  readonly start: number;
  readonly end: number;
}

export interface LogState {
  readonly term: number;
  readonly vote?: bigint;
  readonly commit: number;
}

export interface LogEntry {
  readonly index: number;
  readonly term: number;
  /** 0 for a request, 1 for a change of the members. */
  readonly type?: number;
  /** Undefined in the entry that a new leader writes. */
  readonly data?: Buffer | undefined;
}

type Checksum = (bytes: Uint8Array, checksum?: number) => number;

function segmentName(sequence: number, index: number): string {
  return `${[sequence, index].map((number) => number.toString(16).padStart(16, '0')).join('-')}.wal`;
}

/** Writes segments from records, and keeps the running checksum. */
export class SegmentWriter {
  private readonly done: Segment[] = [];
  private name = '';
  private frames: Buffer[] = [];
  private checksum = 0;

  /** `before` is the checksum of the segments before the first. */
  constructor(
    private readonly crc: Checksum = slowCrc32c,
    before = 0,
  ) {
    this.checksum = before;
  }

  begin(name: string): void {
    this.close();
    this.name = name;
    this.record({ type: CRC, data: undefined });
  }

  record({ type, data }: LogRecord): void {
    if (data !== undefined) this.checksum = this.crc(data, this.checksum);
    const record = message([1, type], [2, this.checksum], [3, data]);
    const padding = -record.length & 7;
    const frame = Buffer.alloc(8 + record.length + padding);
    frame.writeUInt32LE(record.length, 0);
    if (padding > 0) frame[7] = 0x80 | padding;
    record.copy(frame, 8);
    this.frames.push(frame);
  }

  /** Ends a segment at its last record, as etcd does when it begins the next. */
  private close(): void {
    if (this.frames.length > 0) this.done.push({ name: this.name, bytes: Buffer.concat(this.frames) });
    this.frames = [];
  }

  /** Ends the last segment with zeros up to `sizeBytes`, if it is shorter. */
  finish(sizeBytes: number): readonly Segment[] {
    const used = this.frames.reduce((sum, { length }) => sum + length, 0);
    this.frames.push(Buffer.alloc(Math.max(sizeBytes - used, 0)));
    this.close();
    return this.done;
  }
}

export interface LogOptions {
  readonly nodeId?: bigint;
  readonly clusterId?: bigint;
  /** The number of the first segment, and the index that its name says. */
  readonly sequence?: number;
  readonly firstIndex?: number;
  readonly crc?: Checksum;
}

/** Writes a log by what a server does: it saves entries and states, and cuts segments. */
export class LogWriter {
  private readonly segments: SegmentWriter;
  private readonly metadata: Buffer;
  private state: Buffer | undefined;
  private sequence: number;
  private lastIndex: number;

  constructor({ nodeId = 0x8e9e05c52164694dn, clusterId = 0xcdf818194e3a8c32n, ...options }: LogOptions = {}) {
    this.metadata = sparse([1, nodeId], [2, clusterId]);
    this.segments = new SegmentWriter(options.crc);
    this.sequence = options.sequence ?? 0;
    const { firstIndex = 0 } = options;
    this.lastIndex = firstIndex - 1;
    this.segments.begin(segmentName(this.sequence, firstIndex));
    this.segments.record({ type: METADATA, data: this.metadata });
    // A new log begins with the snapshot of nothing.
    if (this.sequence === 0) this.snapshot(0, 0);
  }

  entry({ index, term, type = 0, data }: LogEntry): void {
    this.lastIndex = index;
    this.segments.record({ type: ENTRY, data: message([1, type], [2, term], [3, index], [4, data]) });
  }

  saveState({ term, vote = 0n, commit }: LogState): void {
    this.state = message([1, term], [2, vote], [3, commit]);
    this.segments.record({ type: STATE, data: this.state });
  }

  snapshot(index: number, term: number): void {
    this.segments.record({ type: SNAPSHOT, data: message([1, index], [2, term]) });
  }

  cut(): void {
    this.sequence++;
    this.segments.begin(segmentName(this.sequence, this.lastIndex + 1));
    this.segments.record({ type: METADATA, data: this.metadata });
    if (this.state !== undefined) this.segments.record({ type: STATE, data: this.state });
  }

  finish(sizeBytes = PREALLOCATED_BYTES): readonly Segment[] {
    return this.segments.finish(sizeBytes);
  }
}

/** Yields the fields of a message, numbers only as far as they are exact. */
function* fieldsIn(bytes: Buffer): Iterable<readonly [number: number, value: number | Buffer]> {
  let at = 0;
  const varint = () => {
    for (let value = 0, scale = 1; ; scale *= 0x80) {
      const byte = bytes[at++]!;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const [tag, value] = [varint(), varint()];
    if (tag % 8 === 2) at += value;
    yield [Math.floor(tag / 8), tag % 8 === 2 ? bytes.subarray(at - value, at) : value];
  }
}

/** Takes segments apart into their records; nothing is checked. */
export function takeApart(segments: readonly Segment[]): PlacedRecord[] {
  return segments.flatMap(({ bytes }, segment) => {
    const records: PlacedRecord[] = [];
    for (let start = 0; start + 8 <= bytes.length; ) {
      const length = bytes.readUInt32LE(start);
      if (length === 0) break;
      const padding = bytes[start + 7]! & 7;
      const end = start + 8 + length + padding;
      records.push({ ...recordIn(bytes.subarray(start + 8, end - padding)), segment, start, end });
      start = end;
    }
    return records;
  });
}

function recordIn(bytes: Buffer): LogRecord & Pick<PlacedRecord, 'checksum'> {
  const fields = new Map(fieldsIn(bytes));
  return { type: Number(fields.get(1)), checksum: Number(fields.get(2)), data: fields.get(3) as Buffer | undefined };
}

/** Writes records anew into segments of the given names. */
export function writeAnew(names: readonly string[], records: readonly PlacedRecord[], crc: Checksum): SegmentWriter {
  const writer = new SegmentWriter(crc, records[0]!.checksum);
  for (const [place, name] of names.entries()) {
    writer.begin(name);
    const [, ...behind] = records.filter(({ segment }) => segment === place);
    for (const record of behind) writer.record(record);
  }
  return writer;
}

/** Returns the entry of a record; undefined if the record is of anything else. */
export function entryIn({ type, data }: LogRecord): Required<LogEntry> | undefined {
  if (type !== ENTRY || data === undefined) return undefined;
  const fields = new Map(fieldsIn(data));
  const [kind, term, index] = [1, 2, 3].map((number) => Number(fields.get(number))) as [number, number, number];
  return { type: kind, term, index, data: fields.get(4) as Buffer | undefined };
}
