// Applies requests of the log to a store, one after the other, as etcd's appliers do (apply.go, apply_auth.go): the
// corrupt and the capped applier, which alarms turn on, then the rights, then the store.

import type { DeleteRangeRequest, PutRequest, RaftRequest, RequestHeader, TxnRequest } from '../../wal/request.js';
import { AccessControl, type AccessState } from './access-control.js';
import type { Alarms } from './alarms.js';
import type { AppliedLeases } from './applied-leases.js';
import type { AppliedRecords, ValuePlace } from './applied-records.js';
import { type Branch, BranchChooser } from './chosen-branch.js';
import type { Doubt, DoubtKind } from './doubt.js';
import type { LiveKeys } from './live-keys.js';
import type { LiveProof } from './live-proof.js';
import { type Decide, OpenQuestions } from './open-questions.js';
import type { ReasonName } from './outcome.js';
import { OwnDoubts } from './own-doubts.js';
import { OwnProcesses } from './own-processes.js';
import { ReleaseTracker } from './release-tracker.js';
import { type Denial, Rights } from './rights.js';

export interface Compaction {
  readonly index: number;
  readonly revision: number;
}

export interface ApplierState {
  readonly live: LiveKeys;
  readonly leases: AppliedLeases;
  readonly records: AppliedRecords;
  /** -1 before any compaction. */
  readonly compactRev: number;
  readonly access: AccessState | undefined;
  readonly alarms: Alarms;
  readonly clusterVersion: string | undefined;
  readonly nodeId: bigint | undefined;
  readonly proof: LiveProof;
}

/** What came of a request: a revision, or why it made none. */
type Result = ReasonName;

export class EntryApplier {
  readonly compactions: Compaction[] = [];
  private compactRev: number;
  private readonly live: LiveKeys;
  private readonly leases: AppliedLeases;
  private readonly records: AppliedRecords;
  readonly alarms: Alarms;
  private readonly access: AccessControl;
  private readonly rights: Rights;
  private readonly chooser: BranchChooser;
  private readonly releases: ReleaseTracker;
  private readonly processes: OwnProcesses;
  private readonly questions: OpenQuestions;
  private readonly ownDoubts: OwnDoubts;
  /** The entry that is applied, and whether it has begun a revision. */
  private index = 0;
  private dataStart = 0;
  private hasBegun = false;
  private areUsersDoubted = false;

  constructor(state: ApplierState, decide: Decide) {
    this.live = state.live;
    this.leases = state.leases;
    this.records = state.records;
    this.compactRev = state.compactRev;
    this.alarms = state.alarms;
    this.access = new AccessControl(state.access);
    this.rights = new Rights(this.access, this.leases, this.live);
    this.chooser = new BranchChooser(this.live, this.leases, (number) => this.valueOf(number));
    this.releases = new ReleaseTracker(state.clusterVersion);
    this.processes = new OwnProcesses(state.nodeId);
    this.questions = new OpenQuestions(decide);
    this.ownDoubts = new OwnDoubts(this.processes, this.questions, this.alarms, state.proof, this.releases);
  }

  get doubts(): readonly Doubt[] {
    return this.questions.doubts;
  }

  private valueOf(number: number): { length: number; read(): Buffer } {
    const revision = { main: this.live.modRevision(number), sub: this.live.sub(number) };
    const read = () => this.records.valueOf(revision);
    return { length: this.records.valueLength(revision), read };
  }

  get accessState(): AccessState {
    return this.access.state;
  }

  /** Applies the request of an entry, whose data begins at `dataStart` in the bytes that were decoded. */
  apply(index: number, request: RaftRequest, dataStart: number): Result {
    this.index = index;
    this.dataStart = dataStart;
    this.hasBegun = false;
    this.questions.begin(index);
    this.releases.see(request);
    if (this.processes.see(request)) this.alarms.restart();
    if (!this.areUsersDoubted && request.header.authRevision > this.access.authRevision) {
      this.areUsersDoubted = true;
      this.questions.tell('users and roles', 'applied', this.records.currentRev + 1);
    }
    const result = this.dispatch(request);
    const { state } = this.questions;
    if (state !== 'sure' && (state === 'refused' ? this.wouldChange(request) : this.mayMatter(request))) {
      this.questions.tellAll(this.records.currentRev + (this.hasBegun ? 0 : 1));
      if (this.questions.haveRefused('rights under an alarm')) this.ownDoubts.seeRefused(request.header);
    }
    return result;
  }

  private dispatch(request: RaftRequest): Result {
    switch (request.kind) {
      case 'put':
        return this.applyPut(request);
      case 'txn':
        return this.applyTxn(request.header, request);
      case 'deleteRange':
        return this.applyDelete(request.header, request);
      case 'leaseGrant':
        if (this.alarms.isCorrupt) return 'CORRUPT';
        if (this.alarms.isCapped) return 'NOSPACE';
        return this.leases.grant(request.id, request.ttlSeconds) ?? 'changes no key';
      case 'leaseRevoke':
        return this.applyLeaseRevoke(request.header, request.id);
      case 'leaseCheckpoint':
        // Before 3.6, a checkpoint is not stored.
        if (this.releases.isBefore(3, 6)) return 'changes no key';
        for (const { id, remainingTtlSeconds } of request.checkpoints) this.leases.checkpoint(id, remainingTtlSeconds);
        return 'changes no key';
      case 'compaction':
        return this.applyCompaction(request.revision);
      case 'alarm':
        this.alarms.apply(request, this.releases.isBefore(3, 6));
        this.ownDoubts.seeAlarm();
        return 'changes no key';
      case 'range':
      case 'clusterVersionSet':
      case 'clusterMemberAttrSet':
      case 'downgradeInfoSet':
      case 'downgradeVersionTest':
        return 'changes no key';
      case 'v2':
        return 'v2';
      case 'unknown':
        this.questions.refuse('kind of request');
        return 'unknown';
      default:
        return this.applyAuth(request);
    }
  }

  // What alarms and rights refuse

  /** Returns whether a request without the rights to it is refused. */
  private isDenied({ doubt, ofReversed }: Denial, header: RequestHeader): boolean {
    if (doubt !== undefined && !this.isDoubtfulRightChecked(doubt, header)) return false;
    const { questions } = this;
    const isDenied =
      (ofReversed === undefined || questions.isRefused('right to a reversed range', ofReversed === 'refused')) &&
      (!this.alarms.isOn || !this.releases.isBefore(3, 6) || this.ownDoubts.areRightsChecked(header));
    if (!isDenied) questions.overrule();
    return isDenied;
  }

  private isDoubtfulRightChecked(doubt: DoubtKind, header: RequestHeader): boolean {
    return doubt === 'right to a get' ? this.isGetRefused(doubt, header) : this.questions.isRefused(doubt, true);
  }

  /** Returns whether a get refuses its transaction. From 3.7 on all members check it, before only the one that was asked. */
  private isGetRefused(kind: 'revision of a get' | 'right to a get', header: RequestHeader): boolean {
    return !this.releases.isBefore(3, 7) || this.ownDoubts.isGetRefused(this.index, kind, header);
  }

  /** Whether a request that was applied has changed anything. */
  private mayMatter(request: RaftRequest): boolean {
    return this.hasBegun || request.kind.startsWith('auth');
  }

  /** Whether a request that was refused would have changed anything. */
  private wouldChange(request: RaftRequest): boolean {
    switch (request.kind) {
      case 'deleteRange':
        return this.live.inRange(request).length > 0;
      case 'txn':
        return this.branchChanges(this.chooser.choose(request));
      case 'leaseRevoke':
        return (this.leases.keys(this.leases.numberOf(request.id))?.size ?? 0) > 0;
      default:
        return true;
    }
  }

  private branchChanges({ operations }: Branch): boolean {
    return operations.some((operation) => {
      if (operation.kind === 'branch') return this.branchChanges(operation);
      if (operation.kind === 'deleteRange') return this.live.inRange(operation).length > 0;
      return operation.kind === 'put';
    });
  }

  // Requests

  private applyPut(put: PutRequest): Result {
    if (this.alarms.isCorrupt) return 'CORRUPT';
    if (this.alarms.isCapped) return 'NOSPACE';
    const denial = this.rights.put(put.header, put);
    if (denial !== undefined) return denial.reason;
    const problem = this.putProblem(put);
    if (problem !== undefined) return problem;
    this.put(put);
    return 'revision';
  }

  private putProblem(put: PutRequest): Result | undefined {
    const { lease, ignoreValue, ignoreLease } = put;
    if (lease !== 0n && !this.leases.has(this.leases.numberOf(lease))) return 'lease not found';
    if ((ignoreValue || ignoreLease) && this.live.findKey(put) === undefined) return 'key not found';
    return undefined;
  }

  private applyDelete(header: RequestHeader, del: DeleteRangeRequest): Result {
    if (this.alarms.isCorrupt) return 'CORRUPT';
    const denial = this.rights.deleteRange(header, del);
    if (denial !== undefined && this.isDenied(denial, header)) return denial.reason;
    this.deleteRange(del);
    return this.hasBegun ? 'revision' : 'nothing matched';
  }

  private applyTxn(header: RequestHeader, txn: TxnRequest): Result {
    if (this.alarms.isCorrupt) return 'CORRUPT';
    if (this.alarms.isCapped) {
      if (hasPut(txn, false)) return 'NOSPACE';
      if (hasPut(txn, true) && this.questions.isRefused('puts in a nested transaction', false)) return 'NOSPACE';
    }
    // Whether the transaction itself has an error is asked before what is doubtful: then it does not matter.
    const branch = this.chooser.choose(txn);
    const problem = this.branchProblem(branch, true);
    if (this.access.isEnabled) {
      for (const denial of this.rights.txn(header, txn)) {
        if (problem !== undefined || this.isDenied(denial, header)) return denial.reason;
      }
    }
    if (problem !== undefined) return problem;
    const unreadable = this.unreadableGet(branch);
    if (unreadable !== undefined && this.isGetRefused('revision of a get', header)) return unreadable;
    this.applyBranch(branch);
    return this.hasBegun ? 'revision' : 'nothing changed';
  }

  /** Returns the error of a put in the branch, or of a get in a nested one. */
  private branchProblem({ operations }: Branch, isOutermost: boolean): Result | undefined {
    for (const operation of operations) {
      let problem: Result | undefined;
      if (operation.kind === 'put') problem = this.putProblem(operation);
      else if (operation.kind === 'branch') problem = this.branchProblem(operation, false);
      else if (operation.kind === 'range' && !isOutermost) problem = this.getProblem(operation.revision);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }

  private getProblem(revision: number): 'compacted' | 'future revision' | undefined {
    if (revision === 0) return undefined;
    if (revision > this.records.currentRev) return 'future revision';
    return revision < this.compactRev ? 'compacted' : undefined;
  }

  /** Returns the error of a get outside of nested transactions, which not every member checks. */
  private unreadableGet({ operations }: Branch): 'compacted' | 'future revision' | undefined {
    for (const operation of operations) {
      const problem = operation.kind === 'range' ? this.getProblem(operation.revision) : undefined;
      if (problem !== undefined) return problem;
    }
    return undefined;
  }

  private applyBranch({ operations }: Branch): void {
    for (const operation of operations) {
      if (operation.kind === 'put') this.put(operation);
      else if (operation.kind === 'deleteRange') this.deleteRange(operation);
      else if (operation.kind === 'branch') this.applyBranch(operation);
    }
  }

  private applyLeaseRevoke(header: RequestHeader, id: bigint): Result {
    if (this.alarms.isCorrupt) return 'CORRUPT';
    const lease = this.leases.numberOf(id);
    const denial = this.rights.leaseRevoke(header, lease);
    if (denial !== undefined && this.isDenied(denial, header)) return denial.reason;
    const keys = this.leases.keys(lease);
    if (keys === undefined) return 'lease not found';
    const sorted = [...keys].map((number) => ({ number, key: this.live.keyOf(number) }));
    sorted.sort((a, b) => (a.key < b.key ? -1 : 1));
    for (const { number } of sorted) this.delete(number);
    this.leases.remove(lease);
    return this.hasBegun ? 'revision' : 'no keys attached';
  }

  private applyCompaction(revision: number): Result {
    if (this.alarms.isCorrupt) return 'CORRUPT';
    if (revision <= this.compactRev) return 'compacted';
    if (revision > this.records.currentRev) return 'future revision';
    this.compactRev = revision;
    this.compactions.push({ index: this.index, revision });
    return 'changes no key';
  }

  private applyAuth(request: Parameters<AccessControl['apply']>[0] & { header: RequestHeader }): Result {
    if (isForAdmins(request.kind)) {
      const reason = this.access.checkAdmin(request.header);
      if (reason !== undefined && this.isDenied({ reason }, request.header)) return reason;
    }
    const isDoubtful = this.access.grantsNothing(request) && this.releases.isBefore(3, 6);
    if (isDoubtful && this.questions.isRefused('permission for an empty range', true)) return 'auth refused';
    if (!isDoubtful && this.access.grantsNothing(request)) return 'auth refused';
    return this.access.apply(request) ?? 'changes no key';
  }

  // Changes

  /** Begins the revision of the entry with its first change. */
  private begin(): void {
    if (this.hasBegun) return;
    this.records.begin(this.index);
    this.hasBegun = true;
  }

  private put(put: PutRequest): void {
    const { live, leases, records } = this;
    this.begin();
    const number = live.addKey(put);
    const versionBefore = live.version(number);
    const leaseBefore = live.lease(number);
    const lease = put.ignoreLease ? leaseBefore : leases.numberOf(put.lease);
    const main = records.currentRev;
    const createRevision = versionBefore === 0 ? main : live.createRevision(number);
    const sub = records.put(number, this.placeOf(put, number), createRevision, versionBefore + 1, lease);
    live.put(number, main, sub, lease, createRevision, versionBefore + 1);
    if (lease === leaseBefore) return;
    if (leaseBefore !== 0) leases.detach(leaseBefore, number);
    if (lease !== 0) leases.attach(lease, number);
  }

  private placeOf({ ignoreValue, valueStart, valueEnd }: PutRequest, number: number): ValuePlace {
    if (!ignoreValue) return { start: valueStart - this.dataStart, length: valueEnd - valueStart, keptFrom: undefined };
    return this.records.placeOf({ main: this.live.modRevision(number), sub: this.live.sub(number) });
  }

  private deleteRange(del: DeleteRangeRequest): void {
    for (const number of this.live.inRange(del)) this.delete(number);
  }

  private delete(number: number): void {
    this.begin();
    const lease = this.live.lease(number);
    if (lease !== 0) this.leases.detach(lease, number);
    this.live.delete(number);
    this.records.tombstone(number);
  }
}

/** Whether a transaction has a put in either branch: outside of nested ones, or only there. */
function hasPut({ success, failure }: TxnRequest, isNested: boolean): boolean {
  return [...success, ...failure].some((operation) =>
    operation.kind === 'txn'
      ? isNested && (hasPut(operation, false) || hasPut(operation, true))
      : !isNested && operation.kind === 'put',
  );
}

/** The requests about users and roles that others than root may make: some only for themselves. */
const FOR_ALL = new Set(['authenticate', 'authUserGet', 'authRoleGet']);

function isForAdmins(kind: string): boolean {
  return !FOR_ALL.has(kind);
}
