// The plain model of what a server does with the entries of its log. It says what each request changes, by rules that
// are written here a second time, and lets the store do the change. It is slow: it looks at everything for each request.

import { MemoryBackend } from '../../src/mvcc/memory-backend.js';
import { Store } from '../../src/mvcc/store.js';
import type { WriteTxn } from '../../src/mvcc/write-txn.js';
import { ModelAuth } from './log-model-auth.js';
import type { Comparison, Operation, PutWanted, TxnWanted, WantedHeader, WantedRequest } from './log-requests.js';

/** Why a request changes nothing. */
export type NoChange =
  | 'corrupt'
  | 'no space'
  | 'lease not found'
  | 'lease exists'
  | 'key not found'
  | 'compacted'
  | 'future revision'
  | 'denied'
  | 'nothing changed';

/** The revision that a request has made, or why it has made none. */
export type ModelOutcome = number | NoChange;

const MIN_TTL_SECONDS = 1;

class Refused extends Error {
  constructor(readonly why: NoChange) {
    super(why);
  }
}

export class LogModel {
  readonly backend = new MemoryBackend();
  readonly store = new Store(this.backend);
  readonly auth = new ModelAuth();
  readonly alarms = new Set<string>();
  /** The store itself is never compacted. */
  readonly compactions: number[] = [];

  /** `member` is the low 16 bits of the id of the member whose log it is; undefined if it had not been asked anything. */
  constructor(private readonly member: number | undefined) {}

  private get compactRev(): number {
    return this.compactions.at(-1) ?? -1;
  }

  apply(request: WantedRequest, header: WantedHeader): ModelOutcome {
    // Nobody asks what came of a get.
    if (request.kind === 'range') return 'nothing changed';
    const before = this.store.currentRev;
    try {
      this.refuse(request, header);
      this.execute(request, header);
    } catch (error) {
      if (error instanceof Refused) return error.why;
      throw error;
    }
    return this.store.currentRev > before ? this.store.currentRev : 'nothing changed';
  }

  private refuse(request: WantedRequest, header: WantedHeader): void {
    const { kind } = request;
    const corruptible = ['put', 'deleteRange', 'txn', 'compaction', 'leaseGrant', 'leaseRevoke'];
    if (this.isRaised('corrupt') && corruptible.includes(kind)) throw new Refused('corrupt');
    if (this.isRaised('nospace') && takesRoom(request)) throw new Refused('no space');
    const leaseKeys = (id: bigint) => this.store.leases.keys(id);
    if (!this.auth.permits(this.counted(request, header), header, leaseKeys)) throw new Refused('denied');
  }

  private isAsked({ id = 0n }: WantedHeader): boolean {
    return Number(BigInt.asUintN(64, id) >> 48n) === this.member;
  }

  /** Returns what of a request is looked at: members that were not asked drop gets first, but not nested ones. */
  private counted(request: WantedRequest, header: WantedHeader): WantedRequest {
    if (request.kind !== 'txn' || this.isAsked(header)) return request;
    const without = (operations: readonly Operation[] = []) => operations.filter(({ kind }) => kind !== 'range');
    return { ...request, success: without(request.success), failure: without(request.failure) };
  }

  private isRaised(alarm: string): boolean {
    return [...this.alarms].some((raised) => raised.startsWith(alarm));
  }

  private execute(given: WantedRequest, header: WantedHeader): void {
    const { store } = this;
    const request = this.counted(given, header);
    switch (request.kind) {
      case 'put':
        this.checkPut(request);
        store.write((txn) => this.run(txn, request));
        break;
      case 'deleteRange':
        store.write((txn) => this.run(txn, request));
        break;
      case 'txn': {
        const operations = this.chosen(request);
        for (const one of operations) this.checkOperation(one);
        store.write((txn) => {
          for (const operation of operations) this.run(txn, operation);
        });
        break;
      }
      case 'compaction':
        if (request.revision <= this.compactRev) throw new Refused('compacted');
        if (request.revision > store.currentRev) throw new Refused('future revision');
        this.compactions.push(request.revision);
        break;
      case 'leaseGrant':
        if (store.leases.has(request.id)) throw new Refused('lease exists');
        store.grantLease(request.id, Math.max(request.ttl, MIN_TTL_SECONDS));
        break;
      case 'leaseRevoke':
        if (!store.leases.has(request.id)) throw new Refused('lease not found');
        store.revokeLease(request.id);
        break;
      case 'alarm': {
        const raised = `${request.alarm} ${request.member}`;
        if (request.action === 'activate') this.alarms.add(raised);
        if (request.action === 'deactivate') this.alarms.delete(raised);
        break;
      }
      default:
        this.auth.execute(request);
    }
  }

  private latest(key: string) {
    return this.store.range({ key }).kvs[0];
  }

  private checkPut({ key, lease = 0n, ignoreValue, ignoreLease }: PutWanted): void {
    if (lease !== 0n && !this.store.leases.has(lease)) throw new Refused('lease not found');
    if ((ignoreValue || ignoreLease) && this.latest(key) === undefined) throw new Refused('key not found');
  }

  private checkOperation(operation: Operation): void {
    if (operation.kind === 'put') this.checkPut(operation);
    if (operation.kind !== 'range') return;
    const { revision = 0 } = operation;
    if (revision > this.store.currentRev) throw new Refused('future revision');
    if (revision > 0 && revision < this.compactRev) throw new Refused('compacted');
  }

  /** Returns the puts, deletes and gets that a transaction comes to; all compares are of the state before it. */
  private chosen({ compare = [], success = [], failure = [] }: TxnWanted): Operation[] {
    const branch = compare.every((one) => this.holds(one)) ? success : failure;
    return branch.flatMap((one) => (one.kind === 'txn' ? this.chosen(one) : [one]));
  }

  private holds({ result, target, key, end, than }: Comparison): boolean {
    const { kvs } = this.store.range({ key, ...(end !== undefined && { end }) });
    // Of keys that are not there, only the value cannot be compared.
    if (kvs.length === 0) return target !== 'value' && agrees(0n, result, than as bigint);
    return kvs.every((kv) => {
      const numbers = { version: kv.version, create: kv.createRevision, mod: kv.modRevision, lease: kv.lease };
      if (target === 'value') return agrees(kv.value.toString('latin1'), result, than as string);
      return agrees(BigInt(numbers[target]), result, than as bigint);
    });
  }

  private run(txn: WriteTxn, operation: Operation): void {
    if (operation.kind === 'deleteRange') txn.deleteRange(operation.key, operation.end);
    if (operation.kind !== 'put') return;
    const { key, value = '', lease = 0n, ignoreValue, ignoreLease } = operation;
    const before = this.latest(key);
    const bytes = Buffer.from(value, 'latin1');
    txn.put(key, ignoreValue ? before!.value : bytes, ignoreLease ? before!.lease : lease);
  }
}

/** Tells what a NOSPACE alarm keeps out: of a transaction it is the puts of either branch, and not those nested in it. */
function takesRoom(request: WantedRequest): boolean {
  if (request.kind === 'put' || request.kind === 'leaseGrant') return true;
  if (request.kind !== 'txn') return false;
  return [...(request.success ?? []), ...(request.failure ?? [])].some(({ kind }) => kind === 'put');
}

function agrees<T>(one: T, result: Comparison['result'], other: T): boolean {
  if (result === '=') return one === other;
  if (result === '!=') return one !== other;
  return result === '<' ? one < other : one > other;
}
