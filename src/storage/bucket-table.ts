// A BucketTable is a bucket of an etcd file as a table of the Backend port. A bucket that is missing is an empty table.

import type { Bucket } from '../bbolt/bucket.js';
import type { PageVisitor } from '../bbolt/leaf-cursor.js';
import type { ByteRange } from '../bytes/byte-range.js';
import type { Entry, ReadTable } from '../mvcc/backend.js';

export class BucketTable implements ReadTable {
  private knownSize: number | undefined;

  private found: { readonly bucket: Bucket | undefined } | undefined;

  /**
   * A function is called for the bucket at the first use, so that there can be a table of one that cannot be read.
   * `onPage` is called for each page of the tree that is read for entries.
   */
  constructor(
    private readonly given: Bucket | undefined | (() => Bucket | undefined),
    private readonly onPage?: PageVisitor,
  ) {}

  private get bucket(): Bucket | undefined {
    this.found ??= { bucket: typeof this.given === 'function' ? this.given() : this.given };
    return this.found.bucket;
  }

  get(key: Buffer): Buffer | undefined {
    return this.bucket?.get(key);
  }

  entries(range?: ByteRange): Iterable<Entry> {
    return this.bucket?.entries(range, this.onPage) ?? [];
  }

  last(range?: ByteRange): Entry | undefined {
    return this.bucket?.last(range);
  }

  /** Returns the number of entries. The first call reads the whole bucket. */
  size(): number {
    this.knownSize ??= this.bucket?.size() ?? 0;
    return this.knownSize;
  }
}
