// The bonds between doubts about what this member has done again after a restart. It applies again all entries behind the
// last one that had come to the disk, and they are not treated as when they were new:
//
//   entries of one process        1 … the last on the disk | … to its end, applied again
//   gets that refuse              refused                  | applied
//   rights under an alarm         applied                  | refused, up to where the next alarm is raised
//
// So one decision about an entry binds those about others of the same process.

import type { RequestHeader } from '../../wal/request.js';
import type { Alarms } from './alarms.js';
import type { LiveProof } from './live-proof.js';
import type { OpenQuestions } from './open-questions.js';
import type { OwnProcesses } from './own-processes.js';
import type { ReleaseTracker } from './release-tracker.js';

export class OwnDoubts {
  /** The process of which a get was decided to have been dropped, as its entry was applied again. */
  private processOfGet: number | undefined;
  /** The process of which rights were decided to have been checked, as an entry was applied again. */
  private processOfRights: number | undefined;
  /** The process that was there when the alarm was raised. */
  private processOfAlarm: number | undefined;
  private period = 0;

  constructor(
    private readonly processes: OwnProcesses,
    private readonly questions: OpenQuestions,
    private readonly alarms: Alarms,
    private readonly proof: LiveProof,
    private readonly releases: ReleaseTracker,
  ) {}

  /** Whether no member can be of a release in which all of them check gets: members are of the cluster's, or of the next. */
  private get isRuleOfRelease(): boolean {
    return this.releases.isKnown && this.releases.isBefore(3, 6) && this.processes.isNamed;
  }

  /** Returns whether a get refuses its transaction. Only the member that was asked checks it. */
  isGetRefused(index: number, kind: 'revision of a get' | 'right to a get', header: RequestHeader): boolean {
    const { processes, questions } = this;
    if (!processes.isOwn(header)) return questions.isRefused(kind, false, this.isRuleOfRelease ? 'log' : undefined);
    if (this.processOfGet === processes.number) return questions.isRefused(kind, false, 'earlier');
    const bond = this.proof.isLasting(index) ? 'log' : undefined;
    const refused = questions.isRefused(kind, true, bond);
    if (!refused) this.processOfGet = processes.number;
    return refused;
  }

  /** Takes note of an alarm that may have been raised. */
  seeAlarm(): void {
    if (this.period !== this.alarms.period) this.processOfAlarm = this.processes.number;
    this.period = this.alarms.period;
  }

  /** Returns whether rights are checked under an alarm. */
  areRightsChecked(header: RequestHeader): boolean {
    const { alarms, questions, processes } = this;
    const isBound = alarms.rightsChecked || (this.isOfAlarm(header) && this.processOfRights === processes.number);
    const refused = questions.isRefused(
      'rights under an alarm',
      !alarms.rightsSkipped,
      isBound ? 'earlier' : undefined,
    );
    if (!refused) alarms.skipRights();
    return refused;
  }

  /** Takes note of a doubt about a request, which was refused for its rights under an alarm. */
  seeRefused(header: RequestHeader): void {
    this.alarms.checkRights();
    if (this.isOfAlarm(header)) this.processOfRights = this.processes.number;
  }

  /** Whether the process that asked for a request has seen the alarm being raised. */
  private isOfAlarm(header: RequestHeader): boolean {
    return this.processes.isOwn(header) && this.processOfAlarm === this.processes.number;
  }
}
