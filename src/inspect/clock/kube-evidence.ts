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

export interface ClockEvidence {
  readonly evidence: EvidenceList;
  /** The names of the clocks, by their numbers. */
  readonly clocks: readonly string[];
}

/** The clock of creationTimestamp and managedFields. Which of several apiservers wrote them is not known. */
const APISERVER = 'kube-apiserver';

class KubeEvidence {
  readonly evidence = new EvidenceList();
  private readonly clocks = new KeyNumbers();
  private readonly apiserver = this.clocks.add(APISERVER);
  private readonly keys = new KeyNumbers();
  // What is known of the newest record of each key: its revision, and the newest time of each kind in it or before it.
  private readonly revisions = new NumberColumn(Float64Array);
  private readonly stamps = new NumberColumn(Float64Array);
  private readonly renewals = new NumberColumn(Float64Array);

  add(record: StoredRecord): void {
    if (record.isEmpty) return;
    const key = this.keys.add(record.key);
    if (record.tombstone) {
      this.stamps.set(key, 0);
      this.renewals.set(key, 0);
    } else {
      this.addReadings(record, key);
    }
    this.revisions.set(key, record.main);
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
    this.evidence.add({ revision, fromUs, untilUs: fromUs + resolutionUs, untilRevision, isNear, clock });
  }

  clockNames(): string[] {
    return Array.from({ length: this.clocks.size }, (_, number) => this.clocks.keyOf(number));
  }
}

/** Reads all records that are retained. Throws CORRUPT. */
export function kubeEvidence(records: Iterable<StoredRecord>): ClockEvidence {
  const found = new KubeEvidence();
  for (const record of records) found.add(record);
  return { evidence: found.evidence, clocks: found.clockNames() };
}
