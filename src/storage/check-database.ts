// Checks a database of mvccw or an etcd file. Nothing is written.

import { join } from 'node:path';
import { checkStore } from '../inspect/check/check-store.js';
import { type Finding, type FindingKind, pageFinding, problemIn, repairOf } from '../inspect/check/finding.js';
import { TABLE_NAMES, type TableName } from '../mvcc/backend.js';
import { kindOf } from '../mvcc/lease-entry.js';
import { etcdFindings } from './check-etcd-file.js';
import { DATA_FILE } from './check-lmdb-directory.js';
import { hasSums } from './database-format.js';
import { placeOf } from './database-place.js';
import { leftoversIn } from './leftovers.js';
import type { Listener, OnDone, OnProgress, OnRemark } from './listener.js';
import type { LmdbBackend } from './lmdb-backend.js';
import { lmdbError } from './lmdb-error.js';
import { PageGuard } from './lmdb-file/page-guard.js';
import { type CommitSurvey, FREE_TREE } from './lmdb-file/survey-commit.js';
import { metered, openEtcdFile, openLmdb } from './open-backend.js';

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

const OF_STORE = ['records', 'keys of Kubernetes objects', 'marks of compaction'];
const SUMS = 'sums and totals';
const OF_MVCCW = [
  'leftover files',
  'pages',
  'free pages',
  SUMS,
  ...OF_STORE,
  'index',
  'leases, deadlines and attachments',
  'registered watchers',
];
const OF_ETCD = [
  'meta pages',
  'length',
  'digest',
  'names',
  'pages',
  ...OF_STORE,
  'leases',
  'index and term of the log',
  'members, alarms and users',
  'freelist',
];

/** The kinds of what is wrong in a tree of pages; in those that are not here, it is `page`. */
const KIND_OF_TREE: Readonly<Record<string, FindingKind>> = { index: 'index', [FREE_TREE]: 'freelist' };

/** The kinds of what is wrong with a table as a whole. */
const KIND_OF_TABLE: Readonly<Record<TableName, FindingKind>> = {
  key: 'history',
  meta: 'marks',
  lease: 'lease',
  index: 'index',
  watch: 'watcher',
};

function tableOf(tree: string): { table?: TableName } {
  const table = TABLE_NAMES.find((name) => name === tree);
  return table === undefined ? {} : { table };
}

/** Counts findings and passes them on. The damage that ends a check is told once. */
class Findings {
  private readonly endings = new Set<string>();
  findings = 0;
  repairable = 0;
  complete = true;
  /** Whether the database is of a format without sums. */
  lacksSums = false;

  constructor(
    private readonly ofEtcd: boolean,
    private readonly onFinding: OnFinding,
  ) {}

  async add(finding: Finding): Promise<void> {
    this.findings++;
    if (!this.ofEtcd && repairOf(finding.kind) !== undefined) this.repairable++;
    await this.onFinding(this.ofEtcd ? { ...finding, isOfEtcd: true } : finding);
  }

  /** Adds what a survey of pages finds, and returns the trees that cannot be read. */
  async addPages({ damages }: CommitSurvey): Promise<ReadonlySet<string>> {
    for (const { tree, error } of damages) {
      await this.add({ ...pageFinding(KIND_OF_TREE[tree] ?? 'page', error.message), ...tableOf(tree) });
    }
    const trees = new Set(damages.map(({ tree }) => tree).filter((tree) => tree !== FREE_TREE));
    if (trees.size > 0) this.complete = false;
    return trees;
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
      await this.add(pageFinding(ending, problem));
    }
  }
}

/** Checks what a path names, and calls `onFinding` with each finding. Throws if it cannot be opened. */
export async function checkDatabase(
  given: string,
  onFinding: OnFinding,
  { onRemark = () => undefined, onProgress = () => undefined }: Listener = {},
): Promise<CheckResult> {
  const { path, kind } = await placeOf(given, { compacted: true }, onRemark);
  const isDirectory = kind === 'mvccw';
  const found = new Findings(!isDirectory, onFinding);
  if (isDirectory) await checkOwn(path, found, onRemark, onProgress);
  else await checkEtcdFile(path, found, onProgress);
  const { findings, repairable, complete } = found;
  return {
    path,
    ofEtcd: !isDirectory,
    checked: isDirectory ? OF_MVCCW.filter((what) => what !== SUMS || !found.lacksSums) : OF_ETCD,
    findings,
    repairable,
    complete,
  };
}

async function checkOwn(path: string, found: Findings, onRemark: OnRemark, onProgress: OnProgress): Promise<void> {
  await found.run(() => leftoverFindings(path), 'leftover');
  const onPages: OnDone = (done, total) => onProgress(`checking the pages of ${path}`, done, total);
  const onRows: OnDone = (done, total) => onProgress(`checking the sums of ${path}`, done, total);
  let backend: LmdbBackend;
  try {
    backend = await openLmdb(path, { readOnly: true, anySums: true });
  } catch (error) {
    if ((await found.addPages(surveyUnopened(path, onPages))).size > 0) return;
    throw error;
  }
  try {
    if (!hasSums(backend.format)) {
      found.lacksSums = true;
      await onRemark(
        `the database is of format ${backend.format}, without sums: a changed byte may go unnoticed; \`mvccw defrag\` adds them`,
      );
    }
    const damaged = await found.addPages(backend.survey(onPages));
    // LMDB's own code must not meet a damaged page: what is left are the tables without one.
    if ([...damaged].some((tree) => tableOf(tree).table === undefined || tree === 'meta')) return;
    await found.run(() => rowFindings(backend, damaged, onRows), 'page');
    const read = metered(backend, path, onProgress);
    await found.run(() => checkStore(read, { unreadable: damaged }), 'page');
  } finally {
    backend.close();
  }
}

/** Finds the rows with a wrong sum, and the tables that are not those that were written. */
export function* rowFindings(
  backend: LmdbBackend,
  unreadable?: ReadonlySet<string>,
  onRows?: OnDone,
): Iterable<Finding> {
  for (const { table, key, ofTotals = false, problem } of backend.audit(unreadable, onRows)) {
    const kind = ofTotals ? 'totals' : key === undefined ? KIND_OF_TABLE[table] : kindOfRow(table, key);
    yield { kind, table, ...(key !== undefined && { entry: key }), problem };
  }
}

function kindOfRow(table: TableName, key: Buffer): FindingKind {
  if (table === 'key') return 'record';
  const kind = table === 'lease' ? kindOf(key) : undefined;
  if (kind === 'attachment') return 'attachment';
  return kind === 'due' || kind === 'clock' ? 'due' : KIND_OF_TABLE[table];
}

/** Surveys a database that cannot be opened. */
function surveyUnopened(path: string, onPages: OnDone): CommitSurvey {
  const guard = new PageGuard(join(path, DATA_FILE));
  try {
    return guard.survey(onPages);
  } finally {
    guard.close();
  }
}

function leftoverFindings(path: string): Finding[] {
  return leftoversIn(path).map((file) => ({
    kind: 'leftover',
    file,
    problem: `${file} was left behind by a process that was killed`,
  }));
}

async function checkEtcdFile(path: string, found: Findings, onProgress: OnProgress | undefined): Promise<void> {
  const file = await openEtcdFile(path, onProgress, { anyContents: true });
  try {
    await file.whileUnchanged(() => found.run(() => etcdFindings(file, found, onProgress), 'page'));
  } finally {
    file.close();
  }
}
