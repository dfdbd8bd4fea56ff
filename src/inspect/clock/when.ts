// Answers when revisions of the window were committed, and which of them was the newest at a time.

import { countBefore } from '../../adt/binary-search.js';
import { MvccwError } from '../../errors.js';
import { momentToMs } from '../../kube/timestamp.js';
import type { Window } from '../../mvcc/window.js';
import { checkRevision } from '../../mvcc/window.js';
import { type Moment, resolveMoment } from '../../requests/moment.js';
import type { RevisionsAt, RevisionTime } from './revision-clock.js';
import type { Citation, WallClock } from './wall-clock.js';

/** When a revision was committed, and why. */
export interface When extends RevisionTime {
  readonly notBefore: Citation | undefined;
  readonly notAfter: Citation | undefined;
}

/** The oldest revision that is in the window. An empty store is at revision 1, which nothing has committed. */
const oldestOf = ({ compactRev }: Window): number => Math.max(compactRev, 2);

/** Throws COMPACTED or FUTURE_REVISION for a revision outside the window. */
export function whenRevision(clock: WallClock, window: Window, revision: number): When {
  checkRevision(revision, window);
  const time = clock.times.at(revision);
  const { notBeforeRow, notAfterRow } = time;
  return {
    ...time,
    notBefore: notBeforeRow === undefined ? undefined : clock.cite(notBeforeRow, 'from'),
    notAfter: notAfterRow === undefined ? undefined : clock.cite(notAfterRow, 'until'),
  };
}

/** Yields the times of the revisions of the window from one to another. Throws as whenRevision does. */
export function* whenRevisions(
  { times }: WallClock,
  window: Window,
  from = oldestOf(window),
  to = window.currentRev,
): Iterable<RevisionTime> {
  checkRevision(from, window);
  checkRevision(to, window);
  if (from > to) throw new MvccwError('USAGE', `the first revision, ${from}, is above the last, ${to}`);
  for (let revision = from; revision <= to; revision++) yield times.at(revision);
}

/** Returns the newest revision at a time. Throws COMPACTED or FUTURE_REVISION for a time outside the window. */
export function whichRevision({ times }: WallClock, window: Window, timeUs: number): RevisionsAt {
  const [oldest, newest] = [times.at(oldestOf(window)), times.at(window.currentRev)];
  const span = `the window is from ${momentToMs(oldest.timeUs)} to ${momentToMs(newest.timeUs)}`;
  if (timeUs < (oldest.notBeforeUs ?? oldest.timeUs)) {
    throw new MvccwError(
      'COMPACTED',
      `${momentToMs(timeUs)} is before the window, which begins at revision ${oldest.revision}`,
      {
        hint: span,
      },
    );
  }
  if (timeUs > (newest.notAfterUs ?? newest.timeUs)) {
    throw new MvccwError('FUTURE_REVISION', `${momentToMs(timeUs)} is after the newest revision, ${newest.revision}`, {
      hint: span,
    });
  }
  return times.revisionsAt(timeUs, oldest.revision, newest.revision);
}

/** Returns a moment in µs since 1970; a time of a day is that of the day on which the clock has it. Throws USAGE. */
export const timeOfMoment = ({ times }: WallClock, moment: Moment): number =>
  resolveMoment(moment, times.first.timeUs, times.last.timeUs);

/** Returns the first revision that was likely committed from a moment on. Throws FUTURE_REVISION if none was, or USAGE. */
export function firstRevisionFrom(clock: WallClock, window: Window, moment: Moment): number {
  const { times } = clock;
  const timeUs = timeOfMoment(clock, moment);
  const oldest = oldestOf(window);
  const count = window.currentRev - oldest + 1;
  const before = countBefore(count, (place) => times.at(oldest + place).timeUs < timeUs);
  if (before < count) return oldest + before;
  throw new MvccwError('FUTURE_REVISION', `no revision was committed at ${momentToMs(timeUs)} or later`, {
    hint: `the newest, ${window.currentRev}, was at ${momentToMs(times.at(window.currentRev).timeUs)}`,
  });
}

/** Returns the last revision that was likely committed by a moment. Throws COMPACTED if none of the window was, or USAGE. */
export function lastRevisionUntil(clock: WallClock, window: Window, moment: Moment): number {
  const { times } = clock;
  const timeUs = timeOfMoment(clock, moment);
  const oldest = oldestOf(window);
  const count = window.currentRev - oldest + 1;
  const until = countBefore(count, (place) => times.at(oldest + place).timeUs <= timeUs);
  if (until > 0) return oldest + until - 1;
  throw new MvccwError('COMPACTED', `no revision of the window was committed by ${momentToMs(timeUs)}`, {
    hint: `the oldest, ${oldest}, was at ${momentToMs(times.at(oldest).timeUs)}`,
  });
}
