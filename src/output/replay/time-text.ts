// Writes the times of a replay: as seconds of virtual time, or by the clock of its commits.

import { moment, momentToMs } from '../../kube/timestamp.js';
import type { CommitClock } from '../../replay/run/replay-options.js';

/** Writes a time of the replay for people. */
export type TimeText = (timeUs: number) => string;

/** Returns µs as seconds, to the millisecond, or with as many digits as it takes. */
export function seconds(timeUs: number): string {
  return `${(timeUs / 1e6).toFixed(6).replace(/0{0,3}$/, '')}s`;
}

/** Returns how times are written by a clock; without one, as seconds. */
export function timeTextOf(clock: CommitClock | undefined): TimeText {
  return clock === undefined ? seconds : (timeUs) => momentToMs(clock.startUs + timeUs);
}

/** Returns a time by a clock, for JSON; undefined without one. */
export function timeJson(clock: CommitClock | undefined, timeUs: number): string | undefined {
  return clock && moment(clock.startUs + timeUs);
}
