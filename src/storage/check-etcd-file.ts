// Checks an etcd file. Its trees are gone through once: pages are checked on the way, and what they hold is given to the
// checks of records and leases. Behind what cannot be read, all of them go on.

import { describePlace } from '../bbolt/damage.js';
import { CLEARED } from '../bbolt/key-page.js';
import { metaHeaderProblems, type SurveyEnd, type SurveyStep } from '../bbolt/survey.js';
import type { KeyBounds } from '../bbolt/tree-walk.js';
import { LeaseVisitor } from '../inspect/check/check-leases.js';
import { checkMarks } from '../inspect/check/check-marks.js';
import { checkRaft } from '../inspect/check/check-raft.js';
import { recordVisitors } from '../inspect/check/check-store.js';
import { type Finding, pageFinding, problemIn } from '../inspect/check/finding.js';
import { RecordPass, type RecordVisitor } from '../inspect/check/record-pass.js';
import { readCluster } from '../inspect/cluster.js';
import { TABLE_NAMES } from '../mvcc/backend.js';
import { decodeRevisionKey, formatRevision, isRevisionKey } from '../mvcc/revision.js';
import type { EtcdFile } from './etcd-file.js';
import { refusedNames } from './etcd-names.js';
import type { OnProgress } from './listener.js';

/** What a check comes to, beside its findings. */
export interface Completeness {
  /** Whether all was read. */
  complete: boolean;
}

/** Yields all that is wrong with a file. `visitors` look at each record as well. */
export function* etcdFindings(
  file: EtcdFile,
  completeness: Completeness,
  onProgress?: OnProgress,
  visitors: readonly RecordVisitor[] = [],
): Iterable<Finding> {
  const { metaProblems, lengthProblem } = file.boltInfo();
  for (const problem of metaProblems) yield { kind: 'meta', problem };
  for (const problem of metaHeaderProblems(file.bolt)) yield pageFinding('meta', problem);
  if (lengthProblem !== undefined) yield { kind: 'file', problem: lengthProblem };
  yield* digestFindings(file, onProgress);
  yield* new TreeCheck(file, completeness, visitors).findings();
}

function* digestFindings(file: EtcdFile, onProgress: OnProgress | undefined): Iterable<Finding> {
  try {
    file.verifyTrailer((done, total) => onProgress?.(`checking ${file.path}`, done, total));
  } catch (error) {
    yield { kind: 'digest', problem: problemIn(error) };
  }
}

/** The buckets that only hold pairs, as all of etcd's do. */
const DEPTH_OF_PAIRS = 1;

class TreeCheck {
  private readonly leases = new LeaseVisitor();
  private readonly marks;
  private readonly pass: RecordPass;
  private hasChanges = false;

  constructor(
    private readonly file: EtcdFile,
    private readonly completeness: Completeness,
    visitors: readonly RecordVisitor[],
  ) {
    this.marks = this.isReadable('meta') ? checkMarks(file) : undefined;
    const core = this.marks === undefined ? [] : recordVisitors(this.marks);
    this.pass = new RecordPass([...core, this.leases, ...visitors]);
  }

  *findings(): Iterable<Finding> {
    yield* this.nameFindings();
    yield* this.marks?.findings ?? [];
    const steps = this.file.surveySteps();
    let step = steps.next();
    for (; step.done !== true; step = steps.next()) yield* this.stepFindings(step.value);
    yield* this.pass.end();
    if (this.isReadable('meta') && this.isReadable('cluster')) {
      yield* checkRaft(this.file.raftRecords(), this.hasChanges || this.hasMark());
    }
    yield* this.clusterFindings();
    yield* this.freelistFindings(step.value);
  }

  /** The records of bucket `meta` are checked as those of the log. */
  private *clusterFindings(): Iterable<Finding> {
    try {
      const { problems } = readCluster((bucket) => (bucket === 'meta' ? [] : this.file.entriesOf(bucket)));
      for (const problem of problems) yield { kind: 'cluster', problem };
    } catch (error) {
      // What cannot be read was found when the pages were gone through.
      problemIn(error);
    }
  }

  private hasMark(): boolean {
    return this.marks?.marks?.scheduledCompactRev !== undefined;
  }

  /** Tells whether a bucket can be read. What keeps it from that is found when its pages are gone through. */
  private isReadable(bucket: string): boolean {
    try {
      for (const _ of this.file.bolt.bucket(bucket)?.entries() ?? []) void _;
      return true;
    } catch (error) {
      problemIn(error);
      return false;
    }
  }

  private *nameFindings(): Iterable<Finding> {
    try {
      for (const { message } of refusedNames(this.file.bolt)) yield { kind: 'name', problem: message };
      for (const problem of this.file.nameProblems()) yield { kind: 'name', problem };
    } catch (error) {
      problemIn(error);
    }
  }

  private *stepFindings(step: SurveyStep): Iterable<Finding> {
    if (step.kind === 'leaf') {
      yield* this.leafFindings(step);
      return;
    }
    if (step.kind === 'cleared') {
      yield { ...pageFinding('page', `${describePlace(step.place)}: ${CLEARED}`), ...placeOf(step.path) };
      return;
    }
    const [bucket] = step.path;
    const unread = bucket === 'key' && step.isHole ? unreadRecords(step.bounds) : '';
    yield { ...pageFinding('page', step.error.message + unread), ...placeOf(step.path) };
    if (!step.isHole) return;
    this.completeness.complete = false;
    if (bucket === undefined || bucket === 'key') this.pass.skip();
    if (bucket === undefined || bucket === 'lease') this.leases.skipLeases();
  }

  private *leafFindings({ page, path, isInOrder }: SurveyStep & { kind: 'leaf' }): Iterable<Finding> {
    if (!isInOrder) return;
    const [bucket] = path;
    const pairs = path.length === DEPTH_OF_PAIRS;
    for (let i = 0; i < page.count; i++) {
      if (page.isBucket(i) === pairs) {
        const problem = `${page.describeElement(i)}: ${pairs ? 'a bucket among the pairs of a bucket' : 'a pair among buckets'}`;
        yield { ...pageFinding('page', problem), ...placeOf(path) };
        if (bucket === 'key') this.pass.skip();
        if (bucket === 'lease') this.leases.skipLeases();
      } else if (bucket === 'key') {
        this.hasChanges = true;
        const found = this.pass.take(page.key(i), page.value(i));
        if (found.length > 0) yield* found;
      } else if (bucket === 'lease') {
        yield* this.leases.take({ key: page.key(i), value: page.value(i) });
      }
    }
  }

  private *freelistFindings({ freelist }: SurveyEnd): Iterable<Finding> {
    if (freelist.unreadable !== undefined) yield pageFinding('freelist', freelist.unreadable);
    if (!this.completeness.complete && freelist.lostPages > 0) {
      const problem = `${freelist.lostPages} pages are neither free nor reached: they may be below what cannot be read`;
      yield { kind: 'freelist', problem };
    }
    for (const { kind, page, problem } of freelist.eachProblem()) {
      if (kind === 'lost' && !this.completeness.complete) continue;
      const offset = page * this.file.boltInfo().pageSize;
      yield { kind: 'freelist', page, offset, problem };
    }
  }
}

/** Says which records are not read. */
function unreadRecords(bounds: KeyBounds | undefined): string {
  if (bounds === undefined || !isRevisionKey(bounds.from)) return '';
  const from = `. The records from revision ${formatRevision(decodeRevisionKey(bounds.from))} on`;
  if (bounds.to === undefined) return `${from} are not read`;
  return isRevisionKey(bounds.to)
    ? `${from}, up to that before ${formatRevision(decodeRevisionKey(bounds.to))}, are not read`
    : '';
}

function placeOf(path: readonly string[]): Pick<Finding, 'table' | 'bucket'> {
  if (path.length === 0) return {};
  const table = TABLE_NAMES.find((name) => path.length === 1 && name === path[0]);
  return { ...(table !== undefined && { table }), bucket: path.join('/') };
}
