// Keeps what became of each watcher over time in a fixed number of steps. When the replay outgrows them, each two steps
// become one.
//
//   step       0      1      2      3            0      1      2      3
//   groups     S      S U    U V    S      →     S U    S U V  .      .
//   lag        0      4      9      2            4      9      0      0
//
// So a timeline takes the same room however long a replay is.

import type { Group } from '../../watch/watcher.js';

const STEPS = 256;

const FLAGS: Readonly<Record<Group, number>> = { synced: 1, unsynced: 2, victim: 4, cancelled: 8 };

export interface TimelineStep {
  /** The groups that the watcher was in; empty before it was started. */
  readonly groups: readonly Group[];
  /** The most revisions that the store was ahead of the watcher. */
  readonly lagRevs: number;
}

/** The timeline of one watcher. */
export class Lane {
  private readonly groups = new Uint8Array(STEPS);
  private readonly lag = new Float64Array(STEPS);
  private group: Group | undefined;
  private sinceUs = 0;

  constructor(private readonly timeline: Timeline) {}

  /** The watcher is in this group from now on. */
  enter(group: Group, timeUs: number): void {
    this.close(timeUs);
    this.group = group;
    this.close(timeUs);
  }

  /** The watcher was in its group up to now. */
  close(timeUs: number): void {
    const flag = this.group === undefined ? 0 : FLAGS[this.group];
    this.timeline.forSteps(this.sinceUs, timeUs, (step) => {
      this.groups[step]! |= flag;
    });
    this.sinceUs = timeUs;
  }

  /** Between the two times, the watcher was behind by what `lagAt` says of each moment. */
  behind(fromUs: number, untilUs: number, lagAt: (timeUs: number) => number): void {
    this.timeline.forSteps(fromUs, untilUs, (step, endUs) => {
      this.lag[step] = Math.max(this.lag[step]!, lagAt(Math.min(endUs, untilUs)));
    });
  }

  steps(): readonly TimelineStep[] {
    return Array.from(this.groups.subarray(0, this.timeline.usedSteps), (flags, step) => ({
      groups: (Object.keys(FLAGS) as Group[]).filter((group) => (flags & FLAGS[group]) !== 0),
      lagRevs: this.lag[step]!,
    }));
  }

  /** Makes one step of each two; the timeline calls it. */
  halve(): void {
    for (let step = 0; step < STEPS; step++) {
      const [first, second] = [2 * step, 2 * step + 1];
      this.groups[step] = (this.groups[first] ?? 0) | (this.groups[second] ?? 0);
      this.lag[step] = Math.max(this.lag[first] ?? 0, this.lag[second] ?? 0);
    }
  }
}

export class Timeline {
  private lengthUs = 1;
  private readonly lanes: Lane[] = [];
  private endUs = 0;

  /** The length of a step. */
  get stepUs(): number {
    return this.lengthUs;
  }

  get usedSteps(): number {
    return Math.floor(this.endUs / this.lengthUs) + 1;
  }

  lane(): Lane {
    const lane = new Lane(this);
    this.lanes.push(lane);
    return lane;
  }

  /** Visits the steps between two times, each with the time of its end; the lanes call it. */
  forSteps(fromUs: number, untilUs: number, visit: (step: number, endUs: number) => void): void {
    this.reach(untilUs);
    const last = Math.floor(untilUs / this.lengthUs);
    for (let step = Math.floor(fromUs / this.lengthUs); step <= last; step++) visit(step, (step + 1) * this.lengthUs);
  }

  private reach(timeUs: number): void {
    this.endUs = Math.max(this.endUs, timeUs);
    while (this.usedSteps > STEPS) {
      for (const lane of this.lanes) lane.halve();
      this.lengthUs *= 2;
    }
  }
}
