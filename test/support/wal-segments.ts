// This module gives the reader of logs segments that are in memory.

import type { SegmentSource } from '../../src/wal/segment.js';
import type { Segment } from './write-log.js';

/** Returns a source of each segment. It shows what is later written to the bytes, as a file does. */
export function memorySegments(segments: readonly Segment[]): SegmentSource[] {
  return segments.map(({ name, bytes }) => ({
    name,
    sizeBytes: bytes.length,
    read: (offset, length) => Buffer.from(bytes.subarray(offset, offset + length)),
    readInto: (into, offset) => void bytes.copy(into, 0, offset, offset + into.length),
  }));
}
