// This module gives tests the segments of a log in memory.

import type { SegmentSource } from '../../src/wal/segment.js';
import { dataDirectoryFile, dataDirectorySizes } from './data-directories.js';

/** The zeros behind the last record; fewer than a server keeps, so that a test is quick. */
const PREALLOCATED_BYTES = 4096;

export class MemorySegment implements SegmentSource {
  constructor(
    readonly name: string,
    readonly bytes: Buffer,
  ) {}

  get sizeBytes(): number {
    return this.bytes.length;
  }

  read(offset: number, length: number): Buffer {
    return this.bytes.subarray(offset, offset + length);
  }
}

/** Returns the segments of a member of a recorded set. */
export function recordedSegments(set: string, member: string): MemorySegment[] {
  return Object.keys(dataDirectorySizes(set, member))
    .filter((name) => name.endsWith('.wal'))
    .map((name) => name.split('/').at(-1)!)
    .map((name) => {
      const bytes = dataDirectoryFile(set, `${member}/${name}`);
      return new MemorySegment(name, Buffer.concat([bytes], bytes.length + PREALLOCATED_BYTES));
    });
}
