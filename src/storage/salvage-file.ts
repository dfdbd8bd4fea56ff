// Makes a database of mvccw from what is left of a damaged etcd file. All of it is one transaction: the whole database is
// there, or nothing is. The file is only read.

import { MvccwError, type OnInterrupt } from '../errors.js';
import { isLost, type Loss } from '../inspect/salvage/loss.js';
import { type Salvage, salvage } from '../inspect/salvage/salvage.js';
import type { Backend } from '../mvcc/backend.js';
import { HistoryCheck } from '../mvcc/history-check.js';
import { KeyIndex } from '../mvcc/key-index.js';
import { formatLeaseId, idBytes } from '../mvcc/lease-entry.js';
import { Leases } from '../mvcc/leases.js';
import type { KeyLife } from '../mvcc/life-columns.js';
import { IndexFiller, rebuildAttachments } from '../mvcc/rebuild-index.js';
import { allRecords } from '../mvcc/record.js';
import { StoreReader } from '../mvcc/store.js';
import { writeFinishedCompactRev, writeScheduledCompactRev } from '../mvcc/store-state.js';
import { etcdFileAt } from './database-path.js';
import { noteImport } from './import-note.js';
import type { Pause } from './interruption.js';
import type { Listener } from './listener.js';
import { withNewDatabase } from './new-database.js';
import { openUnpacked } from './open-unpacked.js';
import type { ReadOnlyFile } from './read-only-file.js';
import { noteSalvage } from './salvage-note.js';
import { SalvagedRecords } from './salvaged-records.js';
import { verifyTrailer } from './sha256-trailer.js';

export interface SalvageOptions extends Listener {
  readonly file: string;
  /** The directory of the new database. */
  readonly directory: string;
  /** A new file for every intact record, also those that the database does not have. */
  readonly recordsFile?: string | undefined;
  readonly onInterrupt?: OnInterrupt | undefined;
  readonly onLoss: (loss: Loss) => Promise<void> | void;
}

export interface SalvageResult {
  readonly path: string;
  /** Whether nothing is lost. */
  readonly complete: boolean;
  readonly losses: number;
  /** The number of changes of which an intact record was found. */
  readonly intact: number;
  readonly records: number;
  readonly leases: number;
  readonly currentRev: number;
  readonly compactRev: number;
  /** The compact revision of the file, as far as it is known; -1 if nothing was compacted. */
  readonly fileCompactRev: number;
  readonly digest: 'ok' | 'wrong' | 'absent';
  readonly doubts: readonly string[];
}

/** The number of steps between two pauses. */
const PAUSE_STEPS = 1000;

/**
 * Salvages a file. Throws InterruptedError, EXISTS if the target or the file of records is there, FORMAT or CORRUPT if
 * nothing can be salvaged.
 */
export async function salvageFile(options: SalvageOptions): Promise<SalvageResult> {
  const { file: given, directory, onRemark, onProgress, onInterrupt } = options;
  const { path, remark } = etcdFileAt(given);
  if (remark !== undefined) await onRemark?.(remark);
  const source = await openUnpacked(path, onProgress);
  try {
    return await withNewDatabase(
      directory,
      (target, pause) => new Salvager(options, path, source, target, pause).run(),
      {
        onInterrupt,
      },
    );
  } finally {
    source.close();
  }
}

class Salvager {
  /** The leases that the newest records of keys name. */
  private readonly leaseOf = new Map<string, bigint>();
  private losses = 0;
  private complete = true;
  private steps = 0;

  constructor(
    private readonly options: SalvageOptions,
    private readonly path: string,
    private readonly source: ReadOnlyFile,
    private readonly target: Backend,
    private readonly pause: Pause,
  ) {}

  async run(): Promise<SalvageResult> {
    const { options, path, target } = this;
    const records = options.recordsFile === undefined ? undefined : new SalvagedRecords(options.recordsFile);
    try {
      const digest = await this.digest();
      const found = await this.salvage();
      const inDatabase = new Uint8Array(found.scan.copies.count);
      this.settle(found);
      const copied = await this.copyRecords(found, inDatabase);
      this.writeMarks(found);
      const leases = await this.copyLeases(found);
      noteImport(target, path, found.small.etcdVersion);
      const doubts = [...found.doubts, ...(digest === 'wrong' ? ['a byte of it may be wrong'] : [])];
      if (doubts.length > 0) noteSalvage(target, doubts.join('; '));
      await this.tellOutside(found, inDatabase);
      if (records !== undefined) {
        for (const step of records.write(path, found, inDatabase)) if (step) await this.step();
        records.finish();
      }
      const { currentRev, compactRev } = new StoreReader(target);
      const { losses } = this;
      const complete = this.complete && doubts.length === 0;
      const intact = found.chosen.history.length + found.chosen.outside.length;
      const { compactRev: fileCompactRev } = found;
      return {
        path,
        complete,
        losses,
        intact,
        records: copied,
        leases,
        currentRev,
        compactRev,
        fileCompactRev,
        digest,
        doubts,
      };
    } catch (error) {
      records?.remove();
      throw error;
    }
  }

  private async step(): Promise<void> {
    if (++this.steps % PAUSE_STEPS === 0) await this.pause();
  }

  private async tell(loss: Loss): Promise<void> {
    this.losses++;
    if (isLost(loss)) this.complete = false;
    await this.options.onLoss(loss);
  }

  private async digest(): Promise<'ok' | 'wrong' | 'absent'> {
    const { onProgress } = this.options;
    try {
      return verifyTrailer(this.source, (done, total) => onProgress?.(`checking ${this.path}`, done, total));
    } catch (error) {
      if (!(error instanceof MvccwError) || error.code !== 'CORRUPT') throw error;
      await this.tell({ kind: 'digest', problem: error.message });
      return 'wrong';
    }
  }

  private async salvage(): Promise<Salvage> {
    const { onProgress } = this.options;
    const steps = salvage(this.source);
    for (;;) {
      const next = steps.next();
      if (next.done) return next.value;
      const { doneBytes, loss } = next.value;
      onProgress?.(`scanning ${this.path}`, doneBytes, this.source.sizeBytes);
      if (loss !== undefined) await this.tell(loss);
      await this.step();
    }
  }

  /** Lets the window begin higher where the records that are left would contradict each other below it. */
  private settle({ plan }: Salvage): void {
    while (plan.isOther) {
      const check = new HistoryCheck(plan.floor);
      const lives = new Map<string, KeyLife>();
      const broken = firstBroken(plan.records(), check, lives);
      if (broken === undefined) return;
      plan.keepAt(broken);
    }
  }

  private async copyRecords({ plan }: Salvage, inDatabase: Uint8Array): Promise<number> {
    const { tables } = this.target;
    const index = new IndexFiller(new KeyIndex(tables.index), new HistoryCheck(plan.floor));
    let records = 0;
    for (const { copy, record } of plan.records()) {
      index.add(record);
      if (record.lease === 0n) this.leaseOf.delete(record.key);
      else this.leaseOf.set(record.key, record.lease);
      tables.key.put(record.keyBytes, record.valueBytes);
      inDatabase[copy] = 1;
      records++;
      await this.step();
    }
    index.flush();
    await this.pause();
    return records;
  }

  private writeMarks({ plan, small }: Salvage): void {
    const { meta } = this.target.tables;
    const { scheduled, finished } =
      plan.isOther || !small.marksKnown ? { scheduled: plan.floor, finished: plan.floor } : small.marks;
    if (scheduled !== undefined && scheduled >= 0) writeScheduledCompactRev(meta, scheduled);
    if (finished !== undefined && finished >= 0) writeFinishedCompactRev(meta, finished);
  }

  /** Copies the leases. They get no deadline: keys must not begin to vanish because their file was salvaged. */
  private async copyLeases({ small }: Salvage): Promise<number> {
    const { lease, key } = this.target.tables;
    for (const [id, record] of small.leases) lease.put(idBytes(id), record);
    if (!small.leasesKnown) {
      for (const [id, record] of small.strayLeases) {
        if (small.leases.has(id)) continue;
        lease.put(idBytes(id), record);
        const problem = `lease ${formatLeaseId(id)} is taken from a page to which nothing leads: it may have been revoked`;
        await this.tell({ kind: 'lease', lease: id, problem });
      }
      await this.tell({ kind: 'lease', problem: 'the bucket of leases cannot be read, or not all of it' });
    }
    const leases = new Leases(lease);
    for (const id of new Set(this.leaseOf.values())) {
      if (leases.has(id)) continue;
      const keys = [...this.leaseOf.values()].filter((other) => other === id).length;
      const problem = `lease ${formatLeaseId(id)} is named by ${keys === 1 ? '1 key' : `${keys} keys`}, and is not there`;
      await this.tell({ kind: 'lease', lease: id, problem, harmless: small.leasesKnown });
    }
    rebuildAttachments(allRecords(key), leases);
    return [...leases.list()].length;
  }

  /** Tells of the intact records that the database does not have. */
  private async tellOutside({ scan, chosen }: Salvage, inDatabase: Uint8Array): Promise<void> {
    const { copies } = scan;
    let [count, from, to] = [0, Number.POSITIVE_INFINITY, 0];
    for (const list of [chosen.history, chosen.outside]) {
      for (const copy of list) {
        if (inDatabase[copy] === 1) continue;
        count++;
        from = Math.min(from, copies.main(copy));
        to = Math.max(to, copies.main(copy));
      }
    }
    if (count === 0) return;
    const which =
      count === 1
        ? `1 intact record, of revision ${from}, is`
        : `${count} intact records of revisions ${from} to ${to} are`;
    const problem = `${which} not in the database: compacted, or not part of its window; --records FILE has them`;
    await this.tell({ kind: 'outside', from, to, problem, harmless: true });
  }
}

/** Returns the revision of the first record that does not follow from what is before it; undefined if all do. */
function firstBroken(
  records: Iterable<{ readonly record: Parameters<HistoryCheck['check']>[0] }>,
  check: HistoryCheck,
  lives: Map<string, KeyLife>,
): number | undefined {
  for (const { record } of records) {
    const { key, main, tombstone, createRevision, version } = record;
    try {
      check.check(record, lives.get(key));
    } catch (error) {
      if (error instanceof MvccwError && error.code === 'CORRUPT') return main;
      throw error;
    }
    lives.set(key, { main, tombstone, createRevision, version });
  }
  return undefined;
}
