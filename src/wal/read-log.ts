// The first pass over a write-ahead log: reads every record once and checks it. It follows wal.ReadAll of etcd.
// Differs from etcd: an entry drops all that have its index or a higher one, also at or below the index of the snapshot
// that a server would start from. etcd leaves stale entries there (etcd issue 22442).

import { MvccwError } from '../errors.js';
import { EntryColumns } from './entry-columns.js';
import { FrameReader, type Stop } from './frame-reader.js';
import { BYTES, MessageReader, VARINT } from './message.js';
import {
  CONF_CHANGE_V2,
  type Damage,
  type HardState,
  type IndexJump,
  type LogFacts,
  type LogSegment,
  type LogSnapshot,
  type OverwrittenRange,
  type RaftLog,
  SegmentedLog,
} from './raft-log.js';
import { CRC, ENTRY, METADATA, SNAPSHOT, STATE } from './record.js';
import { missingSegments, parseSegmentName, type SegmentSource } from './segment.js';

/** The position up to which the log is read. */
type OnBytes = (position: number) => void;

interface NamedSegment {
  readonly source: SegmentSource;
  readonly sequence: number;
  readonly index: number;
}

const PROGRESS_BYTES = 8 * 1024 * 1024;

/** Reads a log. Files that are no segments are passed over. It never throws for what the bytes are: see `damage`. */
export function readLog(files: readonly SegmentSource[], onBytes: OnBytes = () => {}): RaftLog {
  const segments = files
    .flatMap((source): NamedSegment[] => {
      const name = parseSegmentName(source.name);
      return name === undefined ? [] : [{ source, ...name }];
    })
    .sort((a, b) => a.sequence - b.sequence || a.index - b.index);
  return new FirstPass(onBytes).run(segments);
}

class FirstPass {
  private readonly entryReader = new MessageReader('the entry', [VARINT, VARINT, VARINT, BYTES]);
  private readonly stateReader = new MessageReader('the hard state', [VARINT, VARINT, VARINT]);
  private readonly metadataReader = new MessageReader('the metadata', [VARINT, VARINT]);
  private readonly snapshotReader = new MessageReader('the snapshot', [VARINT, VARINT, BYTES]);
  private readonly columns = new EntryColumns();
  private readonly dropped = new EntryColumns();
  private readonly segments: LogSegment[] = [];
  private readonly snapshots: LogSnapshot[] = [];
  private readonly overwritten: OverwrittenRange[] = [];
  private readonly records = { metadata: 0, entries: 0, states: 0, checksums: 0, snapshots: 0 };
  /** The commit index at each jump, by the index behind it. */
  private readonly commitAtJump = new Map<number, number>();
  private metadata: LogFacts['metadata'];
  private hardState: HardState | undefined;
  private damage: Damage | undefined;
  private tornTail: Damage | undefined;
  /** The index of the last entry, or of a snapshot that was received behind it. */
  private lastIndex = 0;
  /** The commit index when the last snapshot was written that is beyond all entries. */
  private commitAtSnapshot: number | undefined;
  /** The position of the segment that is read. */
  private position = 0;

  constructor(private readonly onBytes: OnBytes) {}

  run(named: readonly NamedSegment[]): RaftLog {
    let crc = named[0]?.sequence === 0 ? 0 : undefined;
    for (const [i, { source, sequence, index }] of named.entries()) {
      const frames = new FrameReader(source, i === named.length - 1, crc);
      const previous = this.segments.at(-1);
      const problem = previous && sequenceProblem(previous.sequence, sequence);
      const stop: Stop = problem === undefined ? this.readSegment(frames) : { kind: 'damage', offset: 0, problem };
      const { name, sizeBytes } = source;
      this.segments.push({ name, sequence, index, sizeBytes, usedBytes: stop.offset, position: this.position });
      this.position += sizeBytes;
      this.onBytes(this.position);
      crc = frames.crc;
      if (stop.kind === 'end') continue;
      const place = { segment: name, offset: stop.offset, problem: stop.problem };
      if (stop.kind === 'torn') this.tornTail = place;
      else this.damage = place;
      break;
    }
    return this.result(named.map(({ source }) => source));
  }

  private result(sources: readonly SegmentSource[]): RaftLog {
    const { segments, metadata, hardState, snapshots, overwritten, records, damage, tornTail, columns } = this;
    const jumps = columns.jumpRows().map((row): IndexJump => {
      const [from, to] = [columns.indexOf(row - 1), columns.indexOf(row)];
      return { from, to, commit: Math.min(this.commitAtJump.get(to) ?? 0, from) };
    });
    const facts = { segments, metadata, hardState, snapshots, jumps, overwritten, records, damage, tornTail };
    return new SegmentedLog(sources, facts, columns, this.dropped);
  }

  private readSegment(frames: FrameReader): Stop {
    let told = 0;
    for (;;) {
      const stop = frames.advance();
      if (stop?.kind === 'end' && stop.offset === 0) {
        // A server gives a segment its name when its first records are on the disk.
        return { kind: 'damage', offset: 0, problem: 'the segment has no records' };
      }
      if (stop !== undefined) return stop;
      if (frames.offset - told >= PROGRESS_BYTES) {
        told = frames.offset;
        this.onBytes(this.position + told);
      }
      try {
        this.record(frames);
      } catch (error) {
        if (!(error instanceof MvccwError)) throw error;
        return { kind: 'damage', offset: frames.offset, problem: error.message };
      }
    }
  }

  private record(frames: FrameReader): void {
    const { type, dataStart, dataEnd } = frames.head;
    if (frames.offset === 0 && type !== CRC) throw broken('the segment does not begin with a checksum');
    switch (type) {
      case ENTRY:
        this.records.entries++;
        this.entry(frames);
        break;
      case STATE:
        this.records.states++;
        this.state(frames.bytes, dataStart, dataEnd);
        break;
      case CRC:
        this.records.checksums++;
        break;
      case METADATA:
        this.records.metadata++;
        this.memberAndCluster(frames.bytes, dataStart, dataEnd);
        break;
      case SNAPSHOT:
        this.records.snapshots++;
        this.snapshot(frames.bytes, dataStart, dataEnd, frames.offset);
        break;
      default:
        throw broken(`there is no record of type ${type}`);
    }
  }

  private entry(frames: FrameReader): void {
    const { entryReader: reader, columns } = this;
    const { dataStart, dataEnd } = frames.head;
    let [type, term, index, start, end] = [0, 0, 0, dataEnd, dataEnd];
    reader.open(frames.bytes, dataStart, dataEnd);
    for (let field = reader.next(); field !== 0; field = reader.next()) {
      if (field === 1) type = reader.number();
      else if (field === 2) term = reader.number();
      else if (field === 3) index = reader.number();
      else {
        reader.block();
        ({ start, end } = reader);
      }
    }
    if (type > CONF_CHANGE_V2) throw broken(`there is no entry of type ${type}`);
    if (index === 0 || term === 0) throw broken(`there is no entry with index ${index} and term ${term}`);

    if (index <= this.lastIndex) this.drop(index, term, frames.offset);
    const row = columns.count;
    if (row > 0 && columns.term(row - 1) > term) {
      throw broken(`entry ${index} has term ${term}, and the one before it ${columns.term(row - 1)}`);
    }
    if (row > 0 && index !== this.lastIndex + 1) {
      this.commitAtJump.set(index, this.commitAtSnapshot ?? this.hardState?.commit ?? 0);
    }
    this.commitAtSnapshot = undefined;
    this.lastIndex = index;
    const distance = frames.dataDistance + start - dataStart;
    columns.append(index, term, type, this.position + frames.offset, distance, end - start);
  }

  /** Drops the entries from an index on. */
  private drop(index: number, byTerm: number, offset: number): void {
    const { columns, dropped } = this;
    const from = columns.rowFrom(index);
    if (from === columns.count) return;
    for (let row = from; row < columns.count; row++) dropped.copy(columns, row);
    this.overwritten.push({
      from: columns.indexOf(from),
      to: this.lastIndex,
      fromTerm: columns.term(from),
      toTerm: columns.term(columns.count - 1),
      byTerm,
      commit: this.hardState?.commit ?? 0,
      position: this.position + offset,
    });
    columns.truncate(from);
    this.lastIndex = from === 0 ? 0 : columns.indexOf(from - 1);
  }

  private state(bytes: Buffer, start: number, end: number): void {
    const reader = this.stateReader;
    let [term, vote, commit] = [0, 0n, 0];
    reader.open(bytes, start, end);
    for (let field = reader.next(); field !== 0; field = reader.next()) {
      if (field === 1) term = reader.number();
      else if (field === 2) vote = reader.uint64();
      else commit = reader.number();
    }
    const last = this.hardState?.term ?? 0;
    if (term === 0) throw broken('the hard state has term 0');
    if (term < last) throw broken(`the hard state has term ${term}, and the one before it ${last}`);
    this.hardState = { term, vote, commit };
  }

  private memberAndCluster(bytes: Buffer, start: number, end: number): void {
    const reader = this.metadataReader;
    let [nodeId, clusterId] = [0n, 0n];
    reader.open(bytes, start, end);
    for (let field = reader.next(); field !== 0; field = reader.next()) {
      if (field === 1) nodeId = reader.uint64();
      else clusterId = reader.uint64();
    }
    const { metadata } = this;
    if (metadata !== undefined && (metadata.nodeId !== nodeId || metadata.clusterId !== clusterId)) {
      throw broken('the metadata names another member or cluster than that of the segment before');
    }
    this.metadata = { nodeId, clusterId };
  }

  private snapshot(bytes: Buffer, start: number, end: number, offset: number): void {
    const reader = this.snapshotReader;
    if (start === end) throw broken('the snapshot has no index');
    let [index, term] = [0, 0];
    reader.open(bytes, start, end);
    for (let field = reader.next(); field !== 0; field = reader.next()) {
      if (field === 1) index = reader.number();
      else if (field === 2) term = reader.number();
      else reader.block();
    }
    this.snapshots.push({ index, term, position: this.position + offset });
    if (this.contradicts(index, term)) this.drop((this.hardState?.commit ?? 0) + 1, term, offset);
    if (index > this.lastIndex) this.commitAtSnapshot ??= this.hardState?.commit ?? 0;
  }

  /** Returns whether a snapshot stands for other entries than the log has: then only what was committed is right. */
  private contradicts(index: number, term: number): boolean {
    const { columns } = this;
    const row = columns.rowFrom(index);
    return row < columns.count && columns.indexOf(row) === index && columns.term(row) !== term;
  }
}

function broken(problem: string): MvccwError {
  return new MvccwError('CORRUPT', problem);
}

function sequenceProblem(previous: number, sequence: number): string | undefined {
  if (sequence === previous) return `there are two segments with the number ${sequence}`;
  if (sequence === previous + 1) return undefined;
  return `${missingSegments(previous + 1, sequence - 1)} before this one`;
}
