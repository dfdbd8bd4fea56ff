// The alarms of a store that a log is applied to. While NOSPACE is on, what may grow the store is refused; while CORRUPT
// is on, everything is. How alarms go together with each other and with authentication has changed with release 3.6.

import type { Alarm, AlarmRequest } from '../../wal/request.js';

export interface RaisedAlarm {
  readonly memberId: bigint;
  readonly alarm: Alarm;
}

export class Alarms {
  private readonly raised = new Map<string, RaisedAlarm>();
  isCapped = false;
  isCorrupt = false;
  /** Whether rights are not checked: up to 3.5 they are not, from the moment an alarm is raised until it is disarmed, or the server restarts. */
  rightsSkipped = false;
  /** How often an alarm was raised that counts since: each time begins another period. */
  period = 0;
  /** Whether rights are known to have been checked since the alarm was raised. */
  rightsChecked = false;

  /** Whether an alarm refuses anything. */
  get isOn(): boolean {
    return this.isCapped || this.isCorrupt;
  }

  list(): readonly RaisedAlarm[] {
    return [...this.raised.values()];
  }

  restore(alarm: RaisedAlarm): void {
    this.raised.set(nameOf(alarm), alarm);
    this.restart();
  }

  /** Applies the alarms as a server does when it starts, and from 3.6 on always. */
  restart(): void {
    this.isCapped = this.count('NOSPACE') > 0;
    this.isCorrupt = this.count('CORRUPT') > 0;
    this.rightsSkipped = false;
  }

  private count(alarm: Alarm): number {
    let count = 0;
    for (const raised of this.raised.values()) if (raised.alarm === alarm) count++;
    return count;
  }

  apply({ action, alarm, memberId }: AlarmRequest, isBefore36: boolean): void {
    if (alarm === 'none' || alarm === 'unknown') return;
    const before = this.count(alarm);
    if (action === 'activate') this.raised.set(nameOf({ memberId, alarm }), { memberId, alarm });
    else if (action === 'deactivate') this.raised.delete(nameOf({ memberId, alarm }));
    const after = this.count(alarm);
    if (!isBefore36) this.restart();
    else if (before === 0 && after === 1) this.raise(alarm);
    else if (before > 0 && after === 0) this.disarm();
  }

  /** Up to 3.5, the alarm that is raised last is the one that counts. */
  private raise(alarm: Alarm): void {
    this.isCapped = alarm === 'NOSPACE';
    this.isCorrupt = alarm === 'CORRUPT';
    this.rightsSkipped = true;
    this.rightsChecked = false;
    this.period++;
  }

  checkRights(): void {
    this.rightsSkipped = false;
    this.rightsChecked = true;
  }

  skipRights(): void {
    this.rightsSkipped = true;
    this.rightsChecked = false;
  }

  /** Up to 3.5, disarming one kind of alarm ends what the other kind does. */
  private disarm(): void {
    this.isCapped = this.isCorrupt = this.rightsSkipped = false;
  }
}

function nameOf({ memberId, alarm }: RaisedAlarm): string {
  return `${memberId} ${alarm}`;
}
