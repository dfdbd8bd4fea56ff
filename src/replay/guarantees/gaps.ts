// The expected events that a watcher was sent past: they may still come, late. Bounded: of too many gaps the last ones
// become one, so that what lies between them counts as not delivered and a repetition there is not noticed.

import { isBefore, type Position } from './expected-events.js';

interface Gap {
  readonly from: Position;
  /** Exclusive. */
  readonly to: Position;
}

const MAX_GAPS = 1000;

export class Gaps {
  private gaps: Gap[] = [];

  constructor(private readonly maxGaps = MAX_GAPS) {}

  /** Gaps come in order, as a watcher's frontier only moves forwards. */
  add(from: Position, to: Position): void {
    const full = this.gaps.length >= this.maxGaps ? this.gaps.pop() : undefined;
    this.gaps.push({ from: full?.from ?? from, to });
  }

  /** Whether the event at a position was missing; it no longer is. */
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
