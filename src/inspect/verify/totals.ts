// What the recorded streams come to, all of them together.

import type { Guarantee } from '../../replay/guarantees/guarantees.js';
import type { VerifiedWatch } from './verified-watch.js';
import type { VerifyFinding } from './verify.js';

export class VerifyTotals {
  watches = 0;
  responses = 0;
  events = 0;
  unjudgedEvents = 0;
  gaps = 0;
  /** The events that no watch was there for. */
  gapEvents = 0;
  lost = 0;
  repeated = 0;
  hiddenValues = 0;
  /** What was not judged, as it came behind a restore from a backup. */
  behindRestore = { responses: 0, events: 0 };
  private readonly counts = new Map<Guarantee, number>();
  private isWhole = true;

  /** The number of violations of each guarantee that was broken. */
  get broken(): ReadonlyMap<Guarantee, number> {
    return this.counts;
  }

  get hasFindings(): boolean {
    return this.counts.size > 0 || this.gaps > 0;
  }

  /** Whether all that the streams say was judged, and they say anything. */
  get isComplete(): boolean {
    return this.isWhole && this.responses > 0 && this.hiddenValues === 0 && this.behindRestore.responses === 0;
  }

  addFinding(finding: VerifyFinding): void {
    if (finding.kind === 'gap') {
      this.gaps++;
      this.gapEvents += finding.gap.missed.count;
      return;
    }
    const { guarantee } = finding.violation;
    this.counts.set(guarantee, (this.counts.get(guarantee) ?? 0) + 1);
  }

  addWatch({ range, responses, events, lost, repeated, unjudged }: VerifiedWatch): void {
    this.watches++;
    this.responses += responses;
    this.events += events;
    this.lost += lost.count;
    this.repeated += repeated.count;
    this.unjudgedEvents += unjudged.events;
    const isOutside = unjudged.belowFrom !== undefined || unjudged.aboveTo !== undefined || unjudged.events > 0;
    if (isOutside || range === undefined) this.isWhole = false;
  }
}
