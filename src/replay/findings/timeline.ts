// Keeps what became of each watcher over time in a fixed number of steps. When the replay outgrows them, each two steps
// become one.
//
//   step       0      1      2      3            0      1      2      3
//   groups     S      S U    U V    S      →     S U    S U V  .      .
//   lag        0      4      9      2            4      9      0      0
//
// So a timeline takes the same room however long a replay is. A lane catches up with the length of a step when it is next
// used, and has room for a lag when it first has one, as a replay may have many lanes.

import type { Group } from '../../watch/watcher.js';

const STEPS = 256;

const FLAGS: Readonly<Record<Group, number>> = { synced: 1, unsynced: 2, victim: 4, cancelled: 8 };

/** The lists of groups, by the sums of their flags. */
const GROUPS: readonly (readonly Group[])[] = Array.from({ length: 16 }, (_, flags) =>
  (Object.keys(FLAGS) as Group[]).filter((group) => (flags & FLAGS[group]) !== 0),
);

export interface TimelineStep {
  /** The groups that the watcher was in; empty before it was started. */
  readonly groups: readonly Group[];
  /** The most revisions that the store was ahead of the watcher. */
  readonly lagRevs: number;
}

/** The timeline of one watcher. */
export class Lane {
  private readonly groups = new Uint8Array(STEPS);
  private lag: Float64Array | undefined;
  private lengthUs = 1;
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
    this.reach(timeUs);
    this.timeline.forSteps(this.sinceUs, timeUs, (step) => {
      this.groups[step]! |= flag;
    });
    this.sinceUs = timeUs;
  }

  /** Between the two times, the watcher was behind by what `lagAt` says of each moment. */
  behind(fromUs: number, untilUs: number, lagAt: (timeUs: number) => number): void {
    this.reach(untilUs);
    this.lag ??= new Float64Array(STEPS);
    const { lag } = this;
    this.timeline.forSteps(fromUs, untilUs, (step, endUs) => {
      lag[step] = Math.max(lag[step]!, lagAt(Math.min(endUs, untilUs)));
    });
  }

  steps(): readonly TimelineStep[] {
    this.reach(0);
    return Array.from(this.groups.subarray(0, this.timeline.usedSteps), (flags, step) => ({
      groups: GROUPS[flags]!,
      lagRevs: this.lag?.[step] ?? 0,
    }));
  }

  /** Makes the timeline long enough for a time, and the steps of the lane as long as those of the timeline. */
  private reach(timeUs: number): void {
    this.timeline.reach(timeUs);
    const { stepUs } = this.timeline;
    if (this.lengthUs < stepUs) this.join(stepUs / this.lengthUs);
    this.lengthUs = stepUs;
  }

  /** Makes one step of each `count`. */
  private join(count: number): void {
    const { groups, lag } = this;
    for (let step = 0; step < STEPS; step++) {
      const first = step * count;
      const end = Math.min(first + count, STEPS);
      let flags = 0;
      let most = 0;
      for (let old = first; old < end; old++) {
        flags |= groups[old]!;
        most = Math.max(most, lag?.[old] ?? 0);
      }
      groups[step] = flags;
      if (lag !== undefined) lag[step] = most;
    }
  }
}

export class Timeline {
  private lengthUs = 1;
  private endUs = 0;

  /** The length of a step. */
  get stepUs(): number {
    return this.lengthUs;
  }

  get usedSteps(): number {
    return Math.floor(this.endUs / this.lengthUs) + 1;
  }

  lane(): Lane {
    return new Lane(this);
  }

  /** Visits the steps between two times, each with the time of its end; the lanes call it. */
  forSteps(fromUs: number, untilUs: number, visit: (step: number, endUs: number) => void): void {
    const last = Math.floor(untilUs / this.lengthUs);
    for (let step = Math.floor(fromUs / this.lengthUs); step <= last; step++) visit(step, (step + 1) * this.lengthUs);
  }

  /** Makes the steps so long that they hold a time; the lanes call it. */
  reach(timeUs: number): void {
    this.endUs = Math.max(this.endUs, timeUs);
    while (this.usedSteps > STEPS) this.lengthUs *= 2;
  }
}
