// The segments of a write-ahead log: files named by their place in the sequence and by the index of the raft entry that
// was expected first in them. etcd also keeps there the next segments, which hold only zeros (0.tmp), and copies that a
// repair has made (*.broken); neither is part of the log.

/** The bytes of one segment. */
export interface SegmentSource {
  readonly name: string;
  readonly sizeBytes: number;
  /** Returns exactly `length` bytes from `offset` on, in a buffer that nobody writes to afterwards. */
  read(offset: number, length: number): Buffer;
  /** Fills a buffer with the bytes from `offset` on. */
  readInto(bytes: Buffer, offset: number): void;
}

interface SegmentName {
  /** The place in the sequence, from 0 on. */
  readonly sequence: number;
  /** The index that the first entry of the segment was expected to have. */
  readonly index: number;
}

const NAME = /^([0-9a-f]{16})-([0-9a-f]{16})\.wal$/;

/** Returns what the name of a segment says; undefined if it is not the name of one. */
export function parseSegmentName(name: string): SegmentName | undefined {
  const [, sequence, index] = NAME.exec(name) ?? [];
  if (sequence === undefined || index === undefined) return undefined;
  return { sequence: Number.parseInt(sequence, 16), index: Number.parseInt(index, 16) };
}

function segmentName({ sequence, index }: SegmentName): string {
  const hex = (number: number) => number.toString(16).padStart(16, '0');
  return `${hex(sequence)}-${hex(index)}.wal`;
}

/** Returns what a message calls the segments of the sequence that are missing. */
export function missingSegments(from: number, to: number): string {
  const name = (sequence: number) => segmentName({ sequence, index: 0 }).replace(/-.*/, '-*.wal');
  return from === to ? `segment ${name(from)} is missing` : `segments ${name(from)} to ${name(to)} are missing`;
}
