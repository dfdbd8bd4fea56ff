// What the small buckets of a file say: leases, how far compaction had come, the version of etcd. What pages say to which
// no tree leads is kept apart: it was so once.

import type { PageSet } from '../../bbolt/page-set.js';
import type { FoundBuckets, LooseEntry, LooseFile } from '../../bbolt/salvage/loose-file.js';
import { MvccwError } from '../../errors.js';
import { ID_BYTES } from '../../mvcc/lease-entry.js';
import { readLease } from '../../mvcc/leases.js';
import { decodeRevisionKey, isRevisionKey } from '../../mvcc/revision.js';

const SCHEDULED = 'scheduledCompactRev';
const FINISHED = 'finishedCompactRev';

export interface Marks {
  scheduled: number | undefined;
  finished: number | undefined;
}

export class SmallBuckets {
  /** The marks of the tree that is read. */
  readonly marks: Marks = { scheduled: undefined, finished: undefined };
  /** The highest marks of other pages. */
  readonly strayMarks: Marks = { scheduled: undefined, finished: undefined };
  /** The records of leases. */
  readonly leases = new Map<bigint, Buffer>();
  readonly strayLeases = new Map<bigint, Buffer>();
  etcdVersion: string | undefined;
  /** Whether all of the marks and of the leases was read. */
  marksKnown = false;
  leasesKnown = false;

  /** Reads the buckets of the tree. Adds their pages to `reached`. */
  read(file: LooseFile, { buckets, isWhole }: FoundBuckets, reached: PageSet): void {
    this.marksKnown = isWhole && !buckets.has('meta');
    this.leasesKnown = isWhole && !buckets.has('lease');
    for (const [name, place] of buckets) {
      if (name === 'key') continue;
      const { entries, damages } = file.entriesAt(place, reached);
      if (name === 'meta') {
        readMarks(entries, this.marks);
        this.marksKnown = damages === 0;
      } else if (name === 'lease') {
        const leases = leasesIn(entries);
        for (const [id, record] of leases) this.leases.set(id, record);
        this.leasesKnown = damages === 0 && leases.length === entries.length;
      }
      for (const { key, value } of entries) this.readVersion(name, key, value);
    }
  }

  private readVersion(bucket: string, key: Buffer, value: Buffer): void {
    const name = `${bucket}/${key.toString('latin1')}`;
    const text = value.toString('latin1');
    if (name !== 'cluster/clusterVersion' && name !== 'meta/storageVersion') return;
    if (/^\d{1,5}\.\d{1,5}\.\d{1,5}$/.test(text)) this.etcdVersion ??= text;
  }

  /** Takes what the entries of a page are to which no tree leads, or of an inline page in one. */
  addStray(entries: readonly LooseEntry[]): void {
    readMarks(entries, this.strayMarks);
    for (const [id, record] of leasesIn(entries)) this.strayLeases.set(id, record);
  }
}

function readMarks(entries: readonly LooseEntry[], marks: Marks): void {
  for (const { key, value } of entries) {
    const name = key.toString('latin1');
    if ((name !== SCHEDULED && name !== FINISHED) || !isRevisionKey(value)) continue;
    const { main } = decodeRevisionKey(value);
    const field = name === SCHEDULED ? 'scheduled' : 'finished';
    marks[field] = Math.max(marks[field] ?? 0, main);
  }
}

function leasesIn(entries: readonly LooseEntry[]): [bigint, Buffer][] {
  return entries.flatMap(({ key, value }): [bigint, Buffer][] => {
    if (key.length !== ID_BYTES) return [];
    try {
      const id = key.readBigInt64BE(0);
      readLease(id, value);
      // A copy, because the entry is a view of a piece of the file.
      return [[id, Buffer.from(value)]];
    } catch (error) {
      if (error instanceof MvccwError && error.code === 'CORRUPT') return [];
      throw error;
    }
  });
}
