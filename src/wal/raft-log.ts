// What a write-ahead log holds: raft entries, and what the member knew of them. Entries lie in the files; only their
// places are in memory. A position is a place in all segments, one behind the other.

import { countBefore } from '../adt/binary-search.js';
import type { EntryColumns, LogEntry } from './entry-columns.js';
import { PieceWindow } from './piece-window.js';
import type { SegmentSource } from './segment.js';

/** The types of raft entries. */
export const NORMAL = 0;
export const CONF_CHANGE = 1;
export const CONF_CHANGE_V2 = 2;

export interface LogSegment {
  readonly name: string;
  readonly sequence: number;
  /** The index that its name promises for its first entry. */
  readonly index: number;
  readonly sizeBytes: number;
  /** The bytes up to the end of its last record. */
  readonly usedBytes: number;
  /** The position of its first byte. */
  readonly position: number;
}

export interface HardState {
  readonly term: number;
  /** The id of the member that this one voted for; 0 for none. */
  readonly vote: bigint;
  /** The index up to which entries were known to be committed when this was written: it may lag. */
  readonly commit: number;
}

export interface Place {
  readonly segment: string;
  readonly offset: number;
}

export interface Damage extends Place {
  readonly problem: string;
}

/** Indexes that the log does not have: those between two entries that follow one another. */
export interface IndexJump {
  /** The last entry before. */
  readonly from: number;
  /** The first entry behind. */
  readonly to: number;
  /**
   * The index up to which entries were known to be committed when the jump was made. The entries between it and `from`
   * may never have been: the member was sent a snapshot then, in place of what it lacked.
   */
  readonly commit: number;
}

/** The state of the store behind an entry. */
export interface LogSnapshot {
  readonly index: number;
  readonly term: number;
  /** The position of the record that tells of it. */
  readonly position: number;
}

/** Entries that were written, and dropped when an entry with the lowest of their indexes was written again, or a snapshot. */
export interface OverwrittenRange {
  readonly from: number;
  readonly to: number;
  /** The terms of the first and the last of them. */
  readonly fromTerm: number;
  readonly toTerm: number;
  /** The term of the entry, or of the snapshot, that took their place, and the position of its frame. */
  readonly byTerm: number;
  readonly position: number;
  /** The index up to which entries were known to be committed then. What is committed is never overwritten. */
  readonly commit: number;
}

/** How many records of each type were read, overwritten entries among them. */
interface RecordCounts {
  metadata: number;
  entries: number;
  states: number;
  checksums: number;
  snapshots: number;
}

/** An entry with its data: a view of a large piece, so whoever keeps many should keep copies, or the position. */
export class ReadEntry implements LogEntry {
  constructor(
    readonly index: number,
    readonly term: number,
    readonly type: number,
    readonly position: number,
    readonly dataPosition: number,
    readonly dataLength: number,
    /** The piece, and where the data begins in it. */
    readonly bytes: Buffer,
    readonly start: number,
  ) {}

  get data(): Buffer {
    return this.bytes.subarray(this.start, this.start + this.dataLength);
  }
}

/** What the first pass over the log has found. */
export interface LogFacts {
  readonly segments: readonly LogSegment[];
  /** The member and the cluster that the log is of; undefined if this is not in what could be read. */
  readonly metadata: { readonly nodeId: bigint; readonly clusterId: bigint } | undefined;
  /** Undefined if none was written. */
  readonly hardState: HardState | undefined;
  /** The snapshots that were saved, or received from the leader, in order. */
  readonly snapshots: readonly LogSnapshot[];
  readonly jumps: readonly IndexJump[];
  readonly overwritten: readonly OverwrittenRange[];
  readonly records: Readonly<RecordCounts>;
  /** Where the log contradicts itself. All that it gives comes from before. */
  readonly damage: Damage | undefined;
  /** Where a write was never finished: the end of the log. */
  readonly tornTail: Damage | undefined;
}

export interface RaftLog extends LogFacts {
  readonly entryCount: number;
  /** The lowest index; 0 if there is no entry. */
  readonly firstIndex: number;
  /** The highest index; 0 if there is no entry. */
  readonly lastIndex: number;
  readonly overwrittenCount: number;
  /** Returns where an entry is; undefined if the log does not have it. */
  entry(index: number): LogEntry | undefined;
  /** Reads the entries with indexes from `from` to `to`, in order. */
  entries(from?: number, to?: number): IterableIterator<ReadEntry>;
  /** Reads the entries that were overwritten, in the order in which they were. */
  overwrittenEntries(): IterableIterator<ReadEntry>;
  /** Reads the entries that change the members of the cluster, in order. */
  memberChanges(): IterableIterator<ReadEntry>;
  /** Reads bytes that lie in one segment. */
  read(position: number, length: number): Buffer;
  placeOf(position: number): Place;
}

export class SegmentedLog implements RaftLog {
  readonly segments;
  readonly metadata;
  readonly hardState;
  readonly snapshots;
  readonly jumps;
  readonly overwritten;
  readonly records;
  readonly damage;
  readonly tornTail;

  constructor(
    private readonly sources: readonly SegmentSource[],
    facts: LogFacts,
    private readonly columns: EntryColumns,
    /** The entries that were overwritten. Their indexes do not ascend. */
    private readonly dropped: EntryColumns,
  ) {
    this.segments = facts.segments;
    this.metadata = facts.metadata;
    this.hardState = facts.hardState;
    this.snapshots = facts.snapshots;
    this.jumps = facts.jumps;
    this.overwritten = facts.overwritten;
    this.records = facts.records;
    this.damage = facts.damage;
    this.tornTail = facts.tornTail;
  }

  get entryCount(): number {
    return this.columns.count;
  }

  get firstIndex(): number {
    return this.columns.count === 0 ? 0 : this.columns.indexOf(0);
  }

  get lastIndex(): number {
    return this.columns.count === 0 ? 0 : this.columns.indexOf(this.columns.count - 1);
  }

  get overwrittenCount(): number {
    return this.dropped.count;
  }

  entry(index: number): LogEntry | undefined {
    const row = this.columns.rowFrom(index);
    if (row >= this.columns.count || this.columns.indexOf(row) !== index) return undefined;
    return this.columns.entry(row, index);
  }

  *entries(from = this.firstIndex, to = this.lastIndex): IterableIterator<ReadEntry> {
    const { columns } = this;
    const reader = new EntryBytes(this.sources, this.segments);
    const end = columns.rowFrom(to + 1);
    let index = 0;
    let runEnd = -1;
    for (let row = columns.rowFrom(from); row < end; row++) {
      if (row >= runEnd) {
        index = columns.indexOf(row);
        runEnd = columns.runEnd(row);
      }
      yield reader.entry(columns, row, index++);
    }
  }

  *overwrittenEntries(): IterableIterator<ReadEntry> {
    const reader = new EntryBytes(this.sources, this.segments);
    for (let row = 0; row < this.dropped.count; row++) yield reader.entry(this.dropped, row, this.dropped.indexOf(row));
  }

  *memberChanges(): IterableIterator<ReadEntry> {
    const { columns } = this;
    const reader = new EntryBytes(this.sources, this.segments);
    for (let row = 0; row < columns.count; row++) {
      if (columns.type(row) !== NORMAL) yield reader.entry(columns, row, columns.indexOf(row));
    }
  }

  read(position: number, length: number): Buffer {
    const place = segmentAt(this.segments, position);
    return this.sources[place]!.read(position - this.segments[place]!.position, length);
  }

  placeOf(position: number): Place {
    const segment = this.segments[segmentAt(this.segments, position)]!;
    return { segment: segment.name, offset: position - segment.position };
  }
}

/** Reads the data of entries, in large pieces while they go forwards. */
class EntryBytes {
  private window: PieceWindow | undefined;
  private start = 0;
  private end = 0;

  constructor(
    private readonly sources: readonly SegmentSource[],
    private readonly segments: readonly LogSegment[],
  ) {}

  entry(columns: EntryColumns, row: number, index: number): ReadEntry {
    const dataPosition = columns.dataPosition(row);
    const dataLength = columns.dataLength(row);
    const window = this.windowAt(dataPosition);
    const start = window.hold(dataPosition - this.start, dataLength);
    const [term, type, position] = [columns.term(row), columns.type(row), columns.position(row)];
    return new ReadEntry(index, term, type, position, dataPosition, dataLength, window.bytes, start);
  }

  private windowAt(position: number): PieceWindow {
    if (this.window === undefined || position < this.start || position >= this.end) {
      const place = segmentAt(this.segments, position);
      const { position: start, usedBytes } = this.segments[place]!;
      this.window = new PieceWindow(this.sources[place]!, usedBytes);
      this.start = start;
      this.end = start + usedBytes;
    }
    return this.window;
  }
}

function segmentAt(segments: readonly LogSegment[], position: number): number {
  return countBefore(segments.length, (place) => segments[place]!.position <= position) - 1;
}
