// Chooses one copy of each revision, and tells which revisions belong to the history that is read. A copy of the tree is
// preferred, then one of the older meta's tree, then the version with the most copies, then the one that comes first.
//
// A revision that the tree does not have belongs to the history only where the tree is damaged: between two records of
// the tree that are neighbours there is none, and behind the last one only if newer commits may have been lost. All other
// records that are intact are what compaction has deleted, or what was never committed.

import { formatRevision, type Revision } from '../../mvcc/revision.js';
import { type Copies, RANK } from './copies.js';
import type { KeyTree } from './key-tree.js';
import type { Loss } from './loss.js';
import { compareRevisions } from './sound-records.js';

export interface Chosen {
  /** The copies that were chosen, in order of revisions. */
  readonly history: Uint32Array;
  /** For each of them: 1 if it is sure that the next one is the next revision that there was. */
  readonly isNextSure: Uint8Array;
  /** The copies of intact revisions that do not belong to the history, in order. */
  readonly outside: Uint32Array;
  /** One copy of each other version of a revision, in order. */
  readonly otherVersions: readonly number[];
}

export interface ChooseOptions {
  readonly copies: Copies;
  readonly tree: KeyTree;
  readonly isNewest: boolean;
  readonly olderEnd: number | undefined;
  /** By the last copy of a leaf, the revision with which the page behind it begins, as branch pages say. */
  readonly nextByKey: ReadonlyMap<number, Revision>;
  /** Whether all leaf pages can be read, so that what looks whole is whole. */
  readonly isComplete: boolean;
}

const NONE = -1;

/** Chooses the copies. `onLoss` is called for each revision of which there are different versions. */
export function choose(options: ChooseOptions, onLoss: (loss: Loss) => void): Chosen {
  const { copies, tree, isNewest } = options;
  const order = copies.sorted();
  const history = new Uint32Array(order.length);
  const groups = new Uint32Array(order.length + 1);
  const outside = new Uint32Array(order.length);
  const otherVersions: number[] = [];
  const positionOf = new Int32Array(copies.count).fill(NONE);
  let [count, outsideCount, lastOfTree] = [0, 0, NONE];
  const knowsAfter = (copy: number): boolean => {
    if (copy === NONE) return tree.startsKnown && (isNewest || !tree.isEmpty);
    return copies.knowsNext(copy) || (copy === tree.end && isNewest);
  };
  for (let from = 0; from < order.length; ) {
    let to = from + 1;
    while (to < order.length && copies.compare(order[from]!, order[to]!) === 0) to++;
    const group = order.subarray(from, to);
    const best = bestOf(copies, group);
    const others = group.filter((copy) => !copies.isSame(copy, best));
    if (others.length > 0) onLoss(conflict(copies, best, others));
    otherVersions.push(...others.filter((copy, i) => others.findIndex((other) => copies.isSame(other, copy)) === i));
    const isOfTree = copies.rank(best) === RANK.tree;
    if (isOfTree) lastOfTree = best;
    if (isOfTree || !knowsAfter(lastOfTree)) {
      for (const copy of group) if (copies.isSame(copy, best)) positionOf[copy] = count;
      groups[count] = from;
      history[count++] = best;
    } else {
      outside[outsideCount++] = best;
    }
    from = to;
  }
  groups[count] = order.length;
  const isNextSure = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    const group = order.subarray(groups[i]!, i + 1 < count ? groups[i + 1]! : order.length);
    const next = i + 1 < count ? history[i + 1] : undefined;
    if (isSure(options, group, history[i]!, i, next, positionOf)) isNextSure[i] = 1;
  }
  return { history: history.slice(0, count), isNextSure, outside: outside.slice(0, outsideCount), otherVersions };
}

/** Tells whether the revision behind a chosen copy is known; behind the last one, that there was none in its transaction. */
function isSure(
  { copies, tree, olderEnd, nextByKey, isComplete }: ChooseOptions,
  group: Uint32Array,
  chosen: number,
  position: number,
  next: number | undefined,
  positionOf: Int32Array,
): boolean {
  const isOfTree = copies.rank(chosen) === RANK.tree;
  if (isOfTree && (copies.knowsNext(chosen) || tree.end === chosen)) return true;
  const expected = nextByKey.get(chosen);
  if (expected !== undefined && next !== undefined && compareRevisions(copies.revision(next), expected) === 0)
    return true;
  for (const copy of group) {
    if (positionOf[copy] !== position) continue;
    if (next === undefined && copy === olderEnd) return true;
    const isInPage = copies.knowsNext(copy) && copies.pgid(copy + 1) === copies.pgid(copy);
    if (isInPage && positionOf[copy + 1] === position + 1) return true;
  }
  return isComplete;
}

/** Returns the copy to take; the copies come in order of ranks and places. */
function bestOf(copies: Copies, group: Uint32Array): number {
  const first = group[0]!;
  if (copies.rank(first) !== RANK.stray) return first;
  let best = first;
  let most = 0;
  for (const copy of group) {
    const same = group.filter((other) => copies.isSame(copy, other)).length;
    if (same <= most) continue;
    most = same;
    best = copy;
  }
  return best;
}

const WHY: Readonly<Record<number, string>> = {
  [RANK.tree]: 'to which the tree leads',
  [RANK.older]: 'to which the older meta leads',
  [RANK.stray]: 'of the version with the most copies, or else the first one',
};

function conflict(copies: Copies, best: number, others: Uint32Array): Loss {
  const revision = copies.revision(best);
  const page = copies.pgid(best);
  const pages = [...new Set(Array.from(others, (copy) => copies.pgid(copy)))].join(', ');
  const problem =
    `revision ${formatRevision(revision)} is there with different bytes: taken from page ${page}, ` +
    `${WHY[copies.rank(best)]}; another version is on page ${pages}`;
  return { kind: 'version', revision, page, problem };
}
