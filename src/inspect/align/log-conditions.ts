// What decides beside the keys whether requests are refused: leases, alarms and rights. Where a log begins in the middle,
// they are known as of its end, and from what the log says of them.

import { AccessControl } from '../../mvcc/apply/access-control.js';
import { type ApplyBase, readAccess } from '../../mvcc/apply/base-state.js';
import { MAX_TTL_SECONDS } from '../../mvcc/lease-ttl.js';
import { isNextOf } from '../../wal/origin.js';
import type { AlarmRequest, RaftRequest, RequestHeader } from '../../wal/request.js';

/** The alarm NOSPACE: `unknown` where it may be on or off. `asBefore`: it was so from the beginning of the log on. */
export type SpaceAlarm = 'off' | 'on' | 'unknown' | 'asBefore';

interface LeaseEvent {
  readonly index: number;
  readonly granted: boolean;
}

export class LogConditions {
  private readonly leaseEvents = new Map<bigint, LeaseEvent[]>();
  private readonly serverMade = new Map<bigint, number>();
  private readonly leasesAtEnd = new Set<bigint>();
  /** For each alarm, the indexes at which it goes on or off. */
  private readonly alarmEvents = new Map<string, { readonly index: number; readonly on: boolean }[]>();
  private readonly alarmsAtEnd: boolean;
  private mayBeCorrupt = false;
  private readonly access: AccessControl;
  mayHaveUsers: boolean;
  /** The index of the last change of users, roles or rights. */
  private lastAuthIndex = 0;
  /** The index of the first event of an alarm. */
  firstAlarmIndex = Number.POSITIVE_INFINITY;
  private lastFirstAlarmIndex = 0;

  /** `base` is the file as of the end of the log. */
  constructor(base: ApplyBase) {
    for (const { key } of base.tables.lease.entries())
      if (key.length === 8) this.leasesAtEnd.add(key.readBigInt64BE(0));
    this.alarmsAtEnd = [...base.entriesOf('alarm')].length > 0;
    const state = readAccess(base);
    this.access = new AccessControl(state);
    this.mayHaveUsers = state.enabled;
  }

  /** Returns the index at which a lease was granted whose id a server made for this; a client may ask for it again. */
  firstGrantOf(id: bigint): number | undefined {
    return this.serverMade.get(id);
  }

  /** Takes the requests of the log, in order. */
  see(index: number, request: RaftRequest): void {
    if (request.header.user !== '') this.mayHaveUsers = true;
    switch (request.kind) {
      case 'leaseGrant':
        if (isNextOf(request.id, request.header.id)) this.serverMade.set(request.id, index);
        this.addLeaseEvent(request.id, { index, granted: request.ttlSeconds <= MAX_TTL_SECONDS });
        return;
      case 'leaseRevoke':
        this.addLeaseEvent(request.id, { index, granted: false });
        return;
      case 'alarm':
        this.seeAlarm(index, request);
        return;
      default:
        if (request.kind.startsWith('auth') && request.kind !== 'authenticate') this.seeAuth(index);
    }
  }

  private addLeaseEvent(id: bigint, event: LeaseEvent): void {
    const events = this.leaseEvents.get(id);
    if (events === undefined) this.leaseEvents.set(id, [event]);
    else events.push(event);
  }

  private seeAlarm(index: number, { action, alarm, memberId }: AlarmRequest): void {
    if (action === 'get') return;
    if (alarm !== 'NOSPACE' || action === 'unknown') this.mayBeCorrupt = true;
    const name = String(memberId);
    const events = this.alarmEvents.get(name);
    if (events === undefined) {
      this.alarmEvents.set(name, [{ index, on: action === 'activate' }]);
      this.firstAlarmIndex = Math.min(this.firstAlarmIndex, index);
      this.lastFirstAlarmIndex = index;
    } else events.push({ index, on: action === 'activate' });
  }

  private seeAuth(index: number): void {
    this.mayHaveUsers = true;
    this.lastAuthIndex = index;
  }

  /** Tells whether a lease is there for certain when an entry is applied. */
  hasLease(id: bigint, index: number): boolean {
    if (this.spaceAlarm(index) !== 'off') return false;
    const before = this.leaseEvents.get(id)?.findLast((event) => event.index < index);
    if (before !== undefined) return before.granted && this.spaceAlarm(before.index) === 'off';
    return this.leasesAtEnd.has(id) && !this.leaseEvents.has(id);
  }

  /** Tells what the alarm NOSPACE is when an entry is applied. */
  spaceAlarm(index: number): SpaceAlarm {
    if (this.mayBeCorrupt) return 'unknown';
    if (this.alarmEvents.size === 0) return this.alarmsAtEnd ? 'unknown' : 'off';
    for (const events of this.alarmEvents.values()) {
      if (events.findLast((event) => event.index < index)?.on) return 'on';
    }
    if (index <= this.firstAlarmIndex) return 'asBefore';
    return index <= this.lastFirstAlarmIndex || this.alarmsAtEnd ? 'unknown' : 'off';
  }

  /** Tells whether the user may write a range; undefined if that is not known. */
  mayWrite(header: RequestHeader, index: number, range: { readonly key: string; readonly end: string | undefined }) {
    return this.may(header, index, 'write', range);
  }

  mayRead(header: RequestHeader, index: number, range: { readonly key: string; readonly end: string | undefined }) {
    return this.may(header, index, 'read', range);
  }

  private may(
    header: RequestHeader,
    index: number,
    access: 'read' | 'write',
    range: { readonly key: string; readonly end: string | undefined },
  ): boolean | undefined {
    if (!this.mayHaveUsers) return true;
    // While an alarm is on, rights may not be checked.
    if (index <= this.lastAuthIndex || this.spaceAlarm(index) !== 'off') return undefined;
    return this.access.check(header, access, range) === undefined;
  }
}
