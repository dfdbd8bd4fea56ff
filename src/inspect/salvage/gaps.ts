// Finds where the chosen revisions have gaps, or may have one, and from which revision on they have none. A transaction
// has as many changes as it has: only where the next revision is sure is it known that no change of it is lost.

import { formatRevision, type Revision } from '../../mvcc/revision.js';
import type { Chosen } from './choose.js';
import type { Copies } from './copies.js';
import type { Loss } from './loss.js';

export interface GapOptions {
  readonly copies: Copies;
  readonly chosen: Chosen;
  /** The compact revision of the file, as far as it is known; -1 if nothing was compacted. */
  readonly compactRev: number;
  /** Whether nothing is lost before the first of the chosen revisions. */
  readonly startsKnown: boolean;
}

export interface Gaps {
  /** The number of chosen revisions up to the last transaction that is known to be whole. */
  readonly length: number;
  /** The compact revision above which there is no gap; the one of the file if it has none. */
  readonly floor: number;
  /** Whether something may be lost of what compaction has left. */
  readonly baseUnsure: boolean;
}

/** The lowest revision of a change. */
const FIRST_MAIN = 2;

/** Finds the gaps. `onLoss` is called for each, in order of revisions. */
export function findGaps({ copies, chosen, compactRev, startsKnown }: GapOptions, onLoss: (loss: Loss) => void): Gaps {
  const { history, isNextSure } = chosen;
  const length = wholeLength(copies, chosen);
  let floor = compactRev;
  let baseUnsure = !startsKnown;
  const lowest = Math.max(compactRev + 1, FIRST_MAIN);
  for (let i = 0; i < length; i++) {
    const next = copies.revision(history[i]!);
    const before = i === 0 ? undefined : copies.revision(history[i - 1]!);
    const isSure = i === 0 ? startsKnown : isNextSure[i - 1] === 1;
    if (next.main <= compactRev) {
      if (isSure) continue;
      baseUnsure = true;
      onLoss(unsure(before, next, 'below the compact revision'));
      continue;
    }
    if (!isSure && (before === undefined || before.main <= compactRev)) baseUnsure = true;
    const last = before === undefined || before.main < lowest ? { main: lowest - 1, sub: 0 } : before;
    const isFollowing =
      last.main === next.main ? last.sub + 1 === next.sub : last.main + 1 === next.main && next.sub === 0;
    const isBumped = copies.isEmpty(history[i]!) && next.main > last.main;
    if ((isFollowing || isBumped) && (isSure || last.main < lowest)) continue;
    onLoss(isFollowing ? unsure(before, next, 'of its transaction') : gap(last, next));
    floor = next.sub === 0 ? next.main - 1 : next.main;
  }
  return { length, floor, baseUnsure };
}

/** Returns the number of chosen revisions without those of a last transaction that may have had more. */
function wholeLength(copies: Copies, { history, isNextSure }: Chosen): number {
  let length = history.length;
  if (length === 0 || isNextSure[length - 1] === 1) return length;
  const { main } = copies.revision(history[length - 1]!);
  while (length > 0 && copies.main(history[length - 1]!) === main) length--;
  return length;
}

function gap(last: Revision, next: Revision): Loss {
  const isWithin = next.main === last.main || (next.main === last.main + 1 && next.sub > 0);
  const from = isWithin ? next.main : last.main + 1;
  const to = next.sub > 0 ? next.main : next.main - 1;
  const which = isWithin
    ? `changes of revision ${next.main} are lost, before ${formatRevision(next)}`
    : from === to
      ? `revision ${from} is lost`
      : `revisions ${from} to ${to} are lost`;
  return { kind: 'gap', from, to, problem: which };
}

function unsure(before: Revision | undefined, next: Revision, what: string): Loss {
  const problem =
    before === undefined
      ? `records before ${formatRevision(next)} may be lost`
      : `something ${what} may be lost between ${formatRevision(before)} and ${formatRevision(next)}`;
  return { kind: 'unsure', revision: before ?? next, problem };
}
