// Takes evidence of the times of revisions from objects of Kubernetes. Whoever writes an object takes a time from a clock
// and then asks for the commit. It does so only after it has read the object as it was before:
//
//   commit of the record before  ->  a clock is read  ->  commit of the record that holds the time
//
// so that each such time bounds two revisions. A time that was there in the record before says nothing new.

import { KeyNumbers } from '../../adt/key-numbers.js';
import { NumberColumn } from '../../adt/number-column.js';
import { clockReadings, STAMP_RESOLUTION_US } from '../../kube/clock-reading.js';
import type { StoredRecord } from '../../mvcc/record.js';
import { EvidenceList } from './evidence.js';

/** The apiserver's compactor put this revision: one interval before, the newest revision was another. */
export interface CompactorPut {
  readonly revision: number;
  readonly was: number;
}

/** A revision that deleted an object with a lease, most likely since that ran out. */
export interface EndedLease {
  readonly revision: number;
  readonly key: string;
  readonly lease: bigint;
  /** The revision that put the first object with this lease. */
  readonly since: number;
}

export interface KubeEvidence {
  readonly evidence: EvidenceList;
  /** The names of the clocks, by their numbers. */
  readonly clocks: readonly string[];
  readonly compactorPuts: readonly CompactorPut[];
  /** Those behind the last revision that was likely committed right after a clock was read. */
  readonly endedLeases: readonly EndedLease[];
}

/** Where the apiserver's compactor keeps the revision to which it has compacted. */
export const COMPACTOR_KEY = 'compact_rev_key';

/** The clock of creationTimestamp and managedFields. Which of several apiservers wrote them is not known. */
const APISERVER = 'kube-apiserver';

class EvidenceReader {
  readonly evidence = new EvidenceList();
  private readonly clocks = new KeyNumbers();
  private readonly apiserver = this.clocks.add(APISERVER);
  private readonly keys = new KeyNumbers();
  // What is known of the newest record of each key: its revision, and the newest time of each kind in it or before it.
  private readonly revisions = new NumberColumn(Float64Array);
  private readonly stamps = new NumberColumn(Float64Array);
  private readonly renewals = new NumberColumn(Float64Array);

  readonly compactorPuts: CompactorPut[] = [];
  endedLeases: EndedLease[] = [];
  /** The number of the lease of each key's newest record, from 1. */
  private readonly leases = new NumberColumn(Uint32Array);
  private readonly leaseIds: bigint[] = [];
  private readonly leaseNumbers = new Map<bigint, number>();
  private readonly leasedSince = new NumberColumn(Float64Array);

  add(record: StoredRecord): void {
    if (record.isEmpty) return;
    const key = this.keys.add(record.key);
    if (record.tombstone) {
      this.noteEnd(record, key);
      this.stamps.set(key, 0);
      this.renewals.set(key, 0);
    } else {
      this.noteLease(record, key);
      this.addReadings(record, key);
      if (record.key === COMPACTOR_KEY) this.noteCompactor(record);
    }
    this.revisions.set(key, record.main);
  }

  private noteLease({ lease, main }: StoredRecord, key: number): void {
    let number = 0;
    if (lease !== 0n) {
      number = this.leaseNumbers.get(lease) ?? this.leaseIds.push(lease);
      if (!this.leaseNumbers.has(lease)) {
        this.leaseNumbers.set(lease, number);
        this.leasedSince.set(number, main);
      }
    }
    this.leases.set(key, number);
  }

  private noteEnd({ main, key }: StoredRecord, number: number): void {
    const lease = this.leases.at(number);
    const last = this.endedLeases.at(-1);
    // A lease that runs out takes all of its keys in one revision.
    if (lease === 0 || last?.revision === main) return;
    this.endedLeases.push({ revision: main, key, lease: this.leaseIds[lease - 1]!, since: this.leasedSince.at(lease) });
  }

  private noteCompactor(record: StoredRecord): void {
    const was = Number(record.keyValue().value.toString('latin1'));
    if (was > 0 && was < record.main) this.compactorPuts.push({ revision: record.main, was });
  }

  private addReadings(record: StoredRecord, key: number): void {
    const readings = clockReadings(record.keyValue().value);
    if (readings === undefined) return;
    const isNew = record.version === 1;
    // Compaction may have taken the record before, or one was written to before it was deleted.
    const before = isNew ? 0 : this.revisions.at(key);
    const { renewal, managedUs = 0, createdUs = 0 } = readings;
    const stampUs = isNew ? Math.max(managedUs, createdUs) : managedUs;
    const lastStampUs = this.stamps.at(key);
    if (stampUs > lastStampUs) {
      const isNear = isNew || lastStampUs > 0;
      this.addTime(record.main, stampUs, STAMP_RESOLUTION_US, isNear ? before : 0, isNear, this.apiserver);
      this.stamps.set(key, stampUs);
    } else if (createdUs > 0 && before === 0) {
      this.addTime(record.main, createdUs, STAMP_RESOLUTION_US, 0, false, this.apiserver);
    }
    if (renewal !== undefined && renewal.timeUs > this.renewals.at(key)) {
      const clock = this.clocks.add(renewal.holder === '' ? record.key : renewal.holder);
      this.addTime(record.main, renewal.timeUs, 0, before, true, clock);
      this.renewals.set(key, renewal.timeUs);
    }
  }

  private addTime(
    revision: number,
    fromUs: number,
    resolutionUs: number,
    untilRevision: number,
    isNear: boolean,
    clock: number,
  ): void {
    if (isNear) this.endedLeases = [];
    this.evidence.add({ revision, fromUs, untilUs: fromUs + resolutionUs, untilRevision, isNear, clock });
  }

  clockNames(): string[] {
    return Array.from({ length: this.clocks.size }, (_, number) => this.clocks.keyOf(number));
  }
}

/** Reads all records that are retained. Throws CORRUPT. */
export function kubeEvidence(records: Iterable<StoredRecord>): KubeEvidence {
  const reader = new EvidenceReader();
  for (const record of records) reader.add(record);
  const { evidence, compactorPuts, endedLeases } = reader;
  return { evidence, clocks: reader.clockNames(), compactorPuts, endedLeases };
}
