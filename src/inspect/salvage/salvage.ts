// Salvages the records of a damaged etcd file, step by step: the metas and the tree to read, a scan of all pages, a copy
// of each revision, the gaps, and what a new database can hold without an answer that is not true.

import type { PageSource } from '../../bbolt/page-source.js';
import { LooseFile } from '../../bbolt/salvage/loose-file.js';
import { MvccwError } from '../../errors.js';
import { type Chosen, choose } from './choose.js';
import { CopyReader } from './copy-reader.js';
import { findGaps } from './gaps.js';
import type { Loss } from './loss.js';
import { looseMetas } from './metas.js';
import { Plan } from './plan.js';
import { findRoots, type Roots } from './roots.js';
import { FileScan } from './scan.js';
import type { SmallBuckets } from './small-buckets.js';

export interface SalvageStep {
  /** How far the scan has come. */
  readonly doneBytes: number;
  readonly loss?: Loss | undefined;
}

export interface Salvage {
  readonly pageSize: number;
  readonly pageCount: number;
  readonly plan: Plan;
  readonly reader: CopyReader;
  readonly scan: FileScan;
  readonly chosen: Chosen;
  /** The number of chosen revisions that are part of a whole transaction. */
  readonly length: number;
  readonly small: SmallBuckets;
  /** The compact revision of the file, as far as it is known; -1 if nothing was compacted. */
  readonly compactRev: number;
  /** Why the answers of the new database may not be all of the truth, in words. */
  readonly doubts: readonly string[];
}

/** Salvages a file. Yields steps, with what is damaged and lost. Throws FORMAT or CORRUPT if nothing can be salvaged. */
export function* salvage(source: PageSource): Generator<SalvageStep, Salvage> {
  const metas = looseMetas(source);
  const file = new LooseFile(source, metas.pageSize);
  const { pageCount, pageSize } = file;
  const roots = findRoots(file, metas);
  for (const loss of roots.losses) yield { doneBytes: 0, loss };
  if (roots.newest === undefined) {
    throw new MvccwError('CORRUPT', 'nothing can be salvaged: no page has a record of etcd, and none leads to one', {
      hint: 'the file is no etcd database, or all of it was overwritten',
    });
  }
  const lacks = Math.max(0, ...metas.metas.map(({ meta }) => meta.highWaterMark)) - pageCount;
  if (lacks > 0) yield { doneBytes: 0, loss: cutShort(pageCount, lacks) };
  const scan = new FileScan(file, roots);
  let leafLosses = lacks > 0 ? 1 : 0;
  for (const { pgid, loss } of scan.run()) {
    if (loss !== undefined && pgid > 0 && !loss.harmless) leafLosses++;
    yield { doneBytes: pgid * pageSize, loss };
  }
  const { copies, tree, small, olderEnd, nextByKey } = scan;
  const reader = new CopyReader(source, pageSize, copies);
  const losses: Loss[] = [];
  const onLoss = (loss: Loss) => losses.push(loss);
  const isComplete = scan.isComplete && leafLosses === 0;
  const chosen = choose({ copies, tree, isNewest: roots.isNewest, olderEnd, nextByKey, isComplete }, onLoss);
  yield* tellAll(losses, source.sizeBytes);
  const marks = compactRevOf(scan, chosen);
  if (marks.loss !== undefined) yield { doneBytes: source.sizeBytes, loss: marks.loss };
  const { compactRev } = marks;
  for (const page of tree.cleared) yield { doneBytes: source.sizeBytes, loss: takenOff(page) };
  const startsKnown = (tree.startsKnown || isComplete) && tree.cleared.length === 0;
  const gaps = findGaps({ copies, chosen, compactRev, startsKnown }, onLoss);
  const isEndSure = tellEnd({ scan, roots, chosen, length: gaps.length, compactRev }, onLoss);
  const isOlderTree = !roots.isNewest;
  const plan = new Plan({ copies, chosen, reader, compactRev, isOlderTree, floor: gaps.floor, length: gaps.length });
  plan.decide(onLoss);
  yield* tellAll(losses, source.sizeBytes);
  const doubts: string[] = [];
  const lastMain = gaps.length === 0 ? 0 : copies.main(chosen.history[gaps.length - 1]!);
  const isBaseUnsure = gaps.baseUnsure || marks.loss !== undefined || (!isEndSure && lastMain <= compactRev);
  if (plan.floor > compactRev || isBaseUnsure || plan.taken.size > 0) {
    doubts.push(`keys last written up to revision ${Math.max(plan.floor, 1)} may be missing or out of date`);
  }
  if (!isEndSure) doubts.push('what was committed last may be missing');
  return { pageSize, pageCount, plan, reader, scan, chosen, length: gaps.length, small, compactRev, doubts };
}

function takenOff(page: number): Loss {
  const problem = `page ${page}: elements have been taken off from within it, and the records to which they led may be lost`;
  return { kind: 'unsure', page, problem };
}

function* tellAll(losses: Loss[], doneBytes: number): Iterable<SalvageStep> {
  for (const loss of losses) yield { doneBytes, loss };
  losses.length = 0;
}

function cutShort(pageCount: number, lacks: number): Loss {
  const problem = `the file was cut short: it has ${pageCount} whole pages, and ${lacks} more were in use`;
  return { kind: 'page', page: pageCount, problem };
}

/** Returns how far compaction had come. Where its marks are lost, it is as far as other pages name, at least. */
function compactRevOf({ small, copies }: FileScan, { history }: Chosen): { compactRev: number; loss?: Loss } {
  const { marks, strayMarks, marksKnown } = small;
  const highest = (...values: (number | undefined)[]) => Math.max(-1, ...values.filter((value) => value !== undefined));
  const last = history.length === 0 ? 1 : copies.main(history[history.length - 1]!);
  const scheduled = marks.scheduled !== undefined && marks.scheduled <= highest(last, marks.finished, 1);
  if (marksKnown) return { compactRev: highest(marks.finished, scheduled ? marks.scheduled : undefined) };
  const compactRev = highest(marks.finished, marks.scheduled, strayMarks.finished);
  const found = compactRev < 0 ? 'no other page names one either' : `it was at ${compactRev} at least`;
  const problem = `the marks of compaction cannot be read: ${found}`;
  return { compactRev, loss: { kind: 'marks', problem } };
}

interface End {
  readonly scan: FileScan;
  readonly roots: Roots;
  readonly chosen: Chosen;
  readonly length: number;
  readonly compactRev: number;
}

/** Tells what may be lost behind the last revision. Returns whether it is sure that nothing is. */
function tellEnd({ scan, roots, chosen, length, compactRev }: End, onLoss: (loss: Loss) => void): boolean {
  const { copies, tree } = scan;
  const { history, outside } = chosen;
  if (length < history.length) {
    const { main } = copies.revision(history[length]!);
    const problem = `revision ${main} may have had more changes than are left: it is not in the database`;
    onLoss({ kind: 'unsure', revision: { main, sub: 0 }, problem });
  }
  const last = length === 0 ? undefined : copies.main(history[length - 1]!);
  if (!tree.endsKnown || !roots.isNewest) {
    const behind = last === undefined ? 'revisions' : `revisions after ${last}`;
    onLoss({ kind: 'unsure', problem: `${behind} may be lost` });
    return false;
  }
  const beyond = outside.filter((copy) => copies.main(copy) > Math.max(last ?? 0, compactRev));
  if (beyond.length > 0) onLoss(beyondEnd(copies.main(beyond[0]!), copies.main(beyond[beyond.length - 1]!)));
  return length === history.length && beyond.length === 0;
}

function beyondEnd(from: number, to: number): Loss {
  const which = from === to ? `revision ${from} is` : `revisions ${from} to ${to} are`;
  const problem = `${which} intact on pages to which nothing leads, and not in the database: never committed, or lost by the tree`;
  return { kind: 'unsure', revision: { main: from, sub: 0 }, problem };
}
