// One way of applying a log to a store: to an empty one, or to what an etcd file holds. What comes out is a backend with
// all records of the base and those that the log has made, as if nothing had been compacted since.

import { MvccwError } from '../../errors.js';
import { decodeRequest } from '../../wal/decode-request.js';
import type { RevisionOrigin, RevisionRequest } from '../../wal/origin.js';
import { NORMAL, type RaftLog, type ReadEntry } from '../../wal/raft-log.js';
import type { ReadBackend, ReadTable } from '../backend.js';
import { derivedBackend } from '../derived-tables.js';
import { idBytes } from '../lease-entry.js';
import { encodeLease } from '../lease-record.js';
import { MemoryTable } from '../memory-table.js';
import { readState } from '../store-state.js';
import type { AccessState } from './access-control.js';
import { Alarms, type RaisedAlarm } from './alarms.js';
import { AppliedLeases } from './applied-leases.js';
import { AppliedRecords } from './applied-records.js';
import { AppliedTable } from './applied-table.js';
import {
  type ApplyBase,
  asBackend,
  clusterVersionOf,
  consistentIndexOf,
  readAccess,
  readAlarms,
  restoreKeys,
} from './base-state.js';
import type { Doubt } from './doubt.js';
import { type Compaction, EntryApplier } from './entry-applier.js';
import { LiveKeys } from './live-keys.js';
import { LiveProof } from './live-proof.js';
import type { Decide } from './open-questions.js';
import { type Outcome, Reasons } from './outcome.js';
import type { Witness, WitnessCheck } from './witness.js';

export interface ApplicationOptions {
  /** The last entry to apply; the default is the last that is known to be committed. */
  readonly upTo?: number | undefined;
  /** Says what came of a request that may have been refused; undefined for what the rule says. */
  readonly decide?: Decide | undefined;
  /** What the log proves, if others ask it for the same. */
  readonly proof?: LiveProof | undefined;
  /** What the member itself has made of the log. At the first contradiction to it, the application ends. */
  readonly witness?: Witness | undefined;
  /** Called now and then with the index that was applied last. */
  readonly onIndex?: ((index: number) => void) | undefined;
}

/** Why entries that are committed were not applied. */
export interface ApplyStop {
  /** The first entry that was not applied. */
  readonly index: number;
  readonly reason: string;
}

export interface AppliedLog {
  /** All records of the base and of the log. Compactions in the log have not shortened it. */
  readonly backend: ReadBackend;
  readonly baseRev: number;
  readonly currentRev: number;
  /** The first entry that was to be applied, and the last that was; it is one less if none was. */
  readonly firstIndex: number;
  readonly lastIndex: number;
  /** Undefined if everything up to `upTo` was applied. */
  readonly stop: ApplyStop | undefined;
  /** The compactions that were applied, in order. */
  readonly compactions: readonly Compaction[];
  readonly doubts: readonly Doubt[];
  /** The alarms that are on at the end, and who may do what. */
  readonly alarms: readonly RaisedAlarm[];
  readonly access: AccessState;
  /** Returns the entry that made a revision; undefined if it came with the base. */
  originOf(main: number): RevisionOrigin | undefined;
  /** Returns the index of the entry that made a revision; undefined if it came with the base. */
  indexOf(main: number): number | undefined;
  /** Returns what came of an entry; undefined if it was not applied here. */
  outcomeOf(index: number): Outcome | undefined;
}

const EMPTY_TABLES = { key: new MemoryTable(), meta: new MemoryTable(), lease: new MemoryTable() };
const PROGRESS_ENTRIES = 10_000;

export class LogApplication implements AppliedLog {
  readonly backend: ReadBackend;
  readonly baseRev: number;
  readonly firstIndex: number;
  lastIndex: number;
  stop: ApplyStop | undefined;
  /** The entry at which the witness is contradicted; undefined if it is not. */
  contradictedAt: number | undefined;
  private toldDoubts: readonly Doubt[] | undefined;
  private readonly records: AppliedRecords;
  private readonly leases = new AppliedLeases();
  private readonly live = new LiveKeys();
  private readonly reasons = new Reasons();
  private readonly applier: EntryApplier;

  constructor(
    private readonly log: RaftLog,
    base: ApplyBase | undefined,
    options: ApplicationOptions,
  ) {
    const tables = base?.tables ?? EMPTY_TABLES;
    const state = readState(asBackend(tables));
    this.baseRev = state.currentRev;
    this.firstIndex = (base === undefined ? 0 : consistentIndexOf(base)) + 1;
    this.lastIndex = this.firstIndex - 1;
    const alarms = new Alarms();
    if (base !== undefined) {
      restoreKeys(base, this.live, this.leases);
      for (const alarm of readAlarms(base)) alarms.restore(alarm);
    }
    this.records = new AppliedRecords(log, tables.key, this.baseRev, this.firstIndex, this.live, this.leases);
    this.applier = new EntryApplier(
      {
        live: this.live,
        leases: this.leases,
        records: this.records,
        compactRev: state.compactRev,
        access: base && readAccess(base),
        alarms,
        clusterVersion: base && clusterVersionOf(base),
        nodeId: log.metadata?.nodeId,
        proof: options.proof ?? new LiveProof(log),
      },
      options.decide ?? (() => undefined),
    );
    this.run(options);
    const sizeBytes = (base?.sizeBytes() ?? 0) + log.segments.reduce((sum, { usedBytes }) => sum + usedBytes, 0);
    const key = new AppliedTable(tables.key, this.records);
    this.backend = derivedBackend({ key, meta: tables.meta, lease: this.leaseTable() }, sizeBytes);
  }

  get currentRev(): number {
    return this.records.currentRev;
  }

  get compactions(): readonly Compaction[] {
    return this.applier.compactions;
  }

  get alarms(): readonly RaisedAlarm[] {
    return this.applier.alarms.list();
  }

  get access(): AccessState {
    return this.applier.accessState;
  }

  get doubts(): readonly Doubt[] {
    return this.toldDoubts ?? this.applier.doubts;
  }

  /** Tells the doubts in another way. */
  tellDoubts(tell: (doubt: Doubt) => Doubt): void {
    this.toldDoubts = this.doubts.map(tell);
  }

  private run({ upTo, onIndex, witness }: ApplicationOptions): void {
    const { log, firstIndex } = this;
    const last = Math.min(upTo ?? log.hardState?.commit ?? 0, log.lastIndex);
    if (last < firstIndex) return;
    const check = witness?.begin(this.baseRev);
    let index = firstIndex;
    for (const entry of log.entries(firstIndex, last)) {
      if (entry.index !== index) {
        this.stop = { index, reason: `the log does not have the entries from ${index} to ${entry.index - 1}` };
        return;
      }
      try {
        this.applyEntry(entry);
      } catch (error) {
        if (!(error instanceof MvccwError)) throw error;
        this.stop = { index, reason: `the entry cannot be read: ${error.message}` };
        return;
      }
      if (check !== undefined && !this.agrees(check, entry)) return;
      this.lastIndex = index++;
      if (onIndex !== undefined && index % PROGRESS_ENTRIES === 0) onIndex(index);
    }
  }

  /** Holds what an entry has made against the witness. */
  private agrees(check: WitnessCheck, entry: ReadEntry): boolean {
    const { records } = this;
    const main = records.currentRev;
    const agrees =
      (records.indexOf(main) !== entry.index || check.revision(main, records.of(main, entry), this.live.size)) &&
      check.entry(entry.index, main);
    if (!agrees) this.contradictedAt = entry.index;
    return agrees;
  }

  private applyEntry({ index, type, bytes, start, dataLength }: ReadEntry): void {
    const row = index - this.firstIndex;
    if (type !== NORMAL) this.reasons.set(row, 'configuration');
    else if (dataLength === 0) this.reasons.set(row, 'no-op');
    else {
      const result = this.applier.apply(index, decodeRequest(bytes, start, start + dataLength), start);
      if (result !== 'revision') this.reasons.set(row, result);
    }
  }

  private leaseTable(): ReadTable {
    const table = new MemoryTable();
    for (const lease of this.leases.list()) table.put(idBytes(lease.id), encodeLease(lease));
    return table;
  }

  indexOf(main: number): number | undefined {
    return this.records.indexOf(main);
  }

  originOf(main: number): RevisionOrigin | undefined {
    const index = this.records.indexOf(main);
    const entry = index === undefined ? undefined : this.log.entry(index);
    if (entry === undefined) return undefined;
    const { header, kind } = decodeRequest(this.log.read(entry.dataPosition, entry.dataLength));
    return {
      index: entry.index,
      term: entry.term,
      requestId: header.id,
      user: header.user,
      request: kind as RevisionRequest,
    };
  }

  outcomeOf(index: number): Outcome | undefined {
    if (index < this.firstIndex || index > this.lastIndex) return undefined;
    const revision = this.records.revisionOf(index);
    if (revision !== undefined) return { revision };
    const { text, refused } = this.reasons.at(index - this.firstIndex);
    return { reason: text, refused };
  }
}
