// Answers when revisions of the window were committed, and which of them was the newest at a time.

import { MvccwError } from '../../errors.js';
import { momentToMs } from '../../kube/timestamp.js';
import type { Window } from '../../mvcc/window.js';
import { checkRevision } from '../../mvcc/window.js';
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
