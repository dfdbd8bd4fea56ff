// Reads copies again by their places. Blocks that were read last are kept, since the records of a page follow each other.

import { PageCache } from '../../bbolt/page-cache.js';
import type { PageSource } from '../../bbolt/page-source.js';
import { StoredRecord } from '../../mvcc/record.js';
import type { Copies } from './copies.js';

const CACHE_BYTES = 8 * 1024 * 1024;

export class CopyReader {
  private readonly blocks = new PageCache<Buffer>(CACHE_BYTES);

  constructor(
    private readonly source: PageSource,
    private readonly blockBytes: number,
    private readonly copies: Copies,
  ) {}

  record(copy: number): StoredRecord {
    const { offset, keySize, valueSize } = this.copies.place(copy);
    const bytes = this.read(offset, keySize + valueSize);
    return new StoredRecord(bytes.subarray(0, keySize), bytes.subarray(keySize));
  }

  private read(offset: number, length: number): Buffer {
    const number = Math.floor(offset / this.blockBytes);
    const start = number * this.blockBytes;
    const end = Math.min(start + this.blockBytes, this.source.sizeBytes);
    if (offset + length > end) return this.source.read(offset, length);
    let block = this.blocks.get(number);
    if (block === undefined) {
      block = this.source.read(start, end - start);
      this.blocks.add(number, block, block.length);
    }
    return block.subarray(offset - start, offset - start + length);
  }
}
