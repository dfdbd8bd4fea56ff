// A BoltWriter writes a new bbolt file in one pass: buckets in the order of their names, each with its pairs in the order
// of their keys. There are no free pages:
//
//   meta 0 | meta 1 | pages of the first bucket | … | pages of the last bucket | the page of all buckets
//
// The metas are written last. They are those of a snapshot that bbolt makes of a file: the same tree in both, under two
// txids. Memory does not grow with the file.

import assert from 'node:assert';
import { FIRST_PAGE_BEHIND_METAS } from './meta.js';
import { PageOutput } from './page-output.js';
import type { PageSink } from './page-sink.js';
import { TreeWriter } from './tree-writer.js';
import { writeMetaPage } from './write-page.js';

const PAGE_SIZE = 4096;
/** The txid of meta 0; that of meta 1 is the one before. */
const TXID = 2;

export class BoltWriter {
  private readonly output: PageOutput;
  private readonly root: TreeWriter;
  private name: Buffer | undefined;
  private tree: TreeWriter;

  constructor(
    private readonly sink: PageSink,
    pageSize = PAGE_SIZE,
  ) {
    this.output = new PageOutput(sink, pageSize);
    this.root = new TreeWriter(this.output);
    this.tree = this.root;
  }

  /** Begins a bucket, whose name has to be above all before it. The one before has then all of its pairs. */
  beginBucket(name: string): void {
    this.endBucket();
    this.name = Buffer.from(name);
    this.tree = new TreeWriter(this.output);
  }

  /** Adds a pair to the bucket. Both buffers are kept until their page is written. */
  put(key: Buffer, value: Buffer): void {
    assert(this.name !== undefined, 'a bucket has begun');
    this.tree.add({ key, value, isBucket: false });
  }

  /** Writes all that is left, and returns the size of the file. */
  end(): number {
    this.endBucket();
    const root = this.root.endRoot();
    this.output.flush();
    const { highWaterMark, pageSize } = this.output;
    const metas = Buffer.alloc(FIRST_PAGE_BEHIND_METAS * pageSize);
    for (let pgid = 0; pgid < FIRST_PAGE_BEHIND_METAS; pgid++) {
      const page = metas.subarray(pgid * pageSize, (pgid + 1) * pageSize);
      writeMetaPage(page, pgid, { pageSize, root, highWaterMark, txid: TXID - pgid });
    }
    this.sink.write(0, metas);
    return highWaterMark * pageSize;
  }

  private endBucket(): void {
    if (this.name === undefined) return;
    this.root.add({ key: this.name, value: this.tree.endBucket(), isBucket: true });
    this.name = undefined;
  }
}
