// Checks a database of mvccw or an etcd file. Nothing is written.

import { checkStore } from '../inspect/check/check-store.js';
import { type Finding, type FindingKind, problemIn, repairOf } from '../inspect/check/finding.js';
import { findDatabase, type OnRemark, openEtcdFile, openLmdb } from './database.js';
import type { EtcdFile } from './etcd-file.js';
import { leftoversIn } from './leftovers.js';
import { lmdbError } from './lmdb-error.js';

export interface CheckResult {
  readonly path: string;
  readonly ofEtcd: boolean;
  /** What was checked, in words. */
  readonly checked: readonly string[];
  readonly findings: number;
  /** The number of findings that a repair mends. */
  readonly repairable: number;
  /** Whether all was checked; damage may keep what lies behind it from being read. */
  readonly complete: boolean;
}

type OnFinding = (finding: Finding) => Promise<void> | void;

const OF_STORE = ['records', 'marks of compaction'];
const OF_MVCCW = ['leftover files', ...OF_STORE, 'index', 'leases, deadlines and attachments', 'registered watchers'];
const OF_ETCD = ['meta pages', 'length', 'digest', 'pages', 'freelist', ...OF_STORE, 'leases'];

/** Counts findings and passes them on. The damage that ends a check is told once. */
class Findings {
  private readonly endings = new Set<string>();
  findings = 0;
  repairable = 0;
  complete = true;

  constructor(
    private readonly ofEtcd: boolean,
    private readonly onFinding: OnFinding,
  ) {}

  async add(finding: Finding): Promise<void> {
    this.findings++;
    if (!this.ofEtcd && repairOf(finding.kind) !== undefined) this.repairable++;
    await this.onFinding(finding);
  }

  /** Runs a check to its end, or to the damage at which it ends. */
  async run(check: () => Iterable<Finding>, ending: FindingKind): Promise<void> {
    try {
      for (const finding of check()) await this.add(finding);
    } catch (error) {
      const problem = problemIn(lmdbError(error, 'cannot read on'));
      this.complete = false;
      if (this.endings.has(problem)) return;
      this.endings.add(problem);
      await this.add({ kind: ending, problem });
    }
  }
}

/** Checks what a path names, and calls `onFinding` with each finding. Throws if it cannot be opened. */
export async function checkDatabase(
  given: string,
  onFinding: OnFinding,
  onRemark: OnRemark = () => undefined,
): Promise<CheckResult> {
  const { path, isDirectory } = await findDatabase(given, onRemark);
  const found = new Findings(!isDirectory, onFinding);
  if (isDirectory) await checkOwn(path, found);
  else await checkEtcdFile(path, found);
  const { findings, repairable, complete } = found;
  return {
    path,
    ofEtcd: !isDirectory,
    checked: isDirectory ? OF_MVCCW : OF_ETCD,
    findings,
    repairable,
    complete,
  };
}

async function checkOwn(path: string, found: Findings): Promise<void> {
  await found.run(() => leftoverFindings(path), 'leftover');
  const backend = await openLmdb(path, { readOnly: true });
  try {
    await found.run(() => checkStore(backend, { ofEtcd: false }), 'page');
  } finally {
    backend.close();
  }
}

function leftoverFindings(path: string): Finding[] {
  return leftoversIn(path).map((file) => ({
    kind: 'leftover',
    file,
    problem: `${file} was left behind by a process that was killed`,
  }));
}

async function checkEtcdFile(path: string, found: Findings): Promise<void> {
  const file = await openEtcdFile(path);
  try {
    await found.run(() => fileFindings(file), 'page');
    await found.run(() => digestFindings(file), 'digest');
    await found.run(() => pageFindings(file), 'page');
    await found.run(() => checkStore(file, { ofEtcd: true }), 'page');
    await found.run(() => file.readingRemarks().map(({ text }) => ({ kind: 'page', problem: text })), 'page');
  } finally {
    file.close();
  }
}

function* fileFindings(file: EtcdFile): Iterable<Finding> {
  const { metaProblems, lengthProblem } = file.boltInfo();
  for (const problem of metaProblems) yield { kind: 'meta', problem };
  if (lengthProblem !== undefined) yield { kind: 'file', problem: lengthProblem };
}

function* digestFindings(file: EtcdFile): Iterable<Finding> {
  try {
    file.verifyTrailer();
  } catch (error) {
    yield { kind: 'digest', problem: problemIn(error) };
  }
}

function* pageFindings(file: EtcdFile): Iterable<Finding> {
  for (const problem of file.survey().problems) yield { kind: 'freelist', problem };
}
