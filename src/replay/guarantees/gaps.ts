// The gaps hold the expected events that a watcher was sent past; these may still come, late. Their number is bounded:
// when there are too many, the last ones become one. What lies between those then counts as not delivered, and a
// repetition there is not noticed.

import { isBefore, type Position } from './expected-events.js';

interface Gap {
  readonly from: Position;
  /** The end of the gap, which is not part of it. */
  readonly to: Position;
}

const MAX_GAPS = 1000;

export class Gaps {
  private gaps: Gap[] = [];

  constructor(private readonly maxGaps = MAX_GAPS) {}

  /** Adds a gap. Gaps come in order, as a watcher's frontier only moves forwards. */
  add(from: Position, to: Position): void {
    const full = this.gaps.length >= this.maxGaps ? this.gaps.pop() : undefined;
    this.gaps.push({ from: full?.from ?? from, to });
  }

  /** Takes the event at a position out of the gaps; returns whether it was in one. */
  fill(position: Position): boolean {
    const at = this.gaps.findIndex(({ from, to }) => !isBefore(position, from) && isBefore(position, to));
    if (at < 0) return false;
    const { from, to } = this.gaps[at]!;
    const behind = { main: position.main, nth: position.nth + 1 };
    const rest = [
      { from, to: position },
      { from: behind, to },
    ];
    const splits = this.gaps.length < this.maxGaps;
    if (splits) this.gaps.splice(at, 1, ...rest.filter((gap) => isBefore(gap.from, gap.to)));
    return true;
  }
}
