// Checks the names in an etcd file on which answers depend. A name with a wrong bit is not found, and what it names would
// be missing without a word: the leases, how far compaction has come, the version of the cluster. A damaged name keeps
// its length, so a name that no etcd writes is refused if one that etcd writes has its length and is missing. A name that
// is new in a later etcd stands beside the known ones. A damaged name of something on which no answer depends, only what
// status says of the cluster, keeps nothing from being read.

import type { BoltFile } from '../bbolt/bolt-file.js';
import type { Bucket } from '../bbolt/bucket.js';
import { quoteKey } from '../bytes/key-text.js';
import { MvccwError } from '../errors.js';
import { isRevisionKey } from '../mvcc/revision.js';

/** The names that etcd writes in one place. Answers depend on those that matter. */
interface Names {
  readonly what: string;
  readonly mattering: readonly string[];
  readonly others: readonly string[];
}

const SCHEDULED = 'scheduledCompactRev';
const FINISHED = 'finishedCompactRev';

const BUCKETS: Names = {
  what: 'bucket',
  mattering: ['cluster', 'key', 'lease', 'meta'],
  others: ['alarm', 'auth', 'authRoles', 'authUsers', 'members', 'members_removed'],
};
const META_RECORDS: Names = {
  what: "record of bucket 'meta'",
  mattering: [FINISHED, SCHEDULED, 'storageVersion'],
  others: ['confState', 'consistent_index', 'term'],
};
const CLUSTER_RECORDS: Names = {
  what: "record of bucket 'cluster'",
  mattering: ['clusterVersion'],
  others: ['downgrade'],
};

const AUTH_RECORDS: Names = { what: "record of bucket 'auth'", mattering: [], others: ['authEnabled', 'authRevision'] };

const HINT = 'the file is damaged: etcd does not find it either, and goes on as if it had never been written';

/** Throws CORRUPT if a name is damaged, or if buckets have the pages of another one. */
export function checkNames(bolt: BoltFile): void {
  for (const problem of refusedNames(bolt)) throw problem;
}

/** Yields an error for each name, and each bucket with the pages of another one, for which a file is refused. */
export function* refusedNames(bolt: BoltFile): Iterable<MvccwError> {
  const roots = [...bolt.root.children()];
  const meta = namesIn(bolt.bucket('meta'));
  yield* damagedNames(
    roots.map(({ name }) => name),
    BUCKETS,
  );
  yield* damagedNames(meta, META_RECORDS);
  yield* damagedNames(namesIn(bolt.bucket('cluster')), CLUSTER_RECORDS);
  yield* sharedRoots(roots);
  for (const { name } of roots) if (name !== 'key') yield* foreignPages(bolt, name);
  if (meta.includes(FINISHED) && !meta.includes(SCHEDULED)) {
    yield new MvccwError('CORRUPT', `meta record ${FINISHED} is there, and ${SCHEDULED} is missing`, {
      hint: 'a compaction is recorded as scheduled before it is finished; the file is damaged',
    });
  }
}

function namesIn(bucket: Bucket | undefined): string[] {
  return [...(bucket?.entries() ?? [])].map(({ key }) => key.toString('latin1'));
}

function* damagedNames(names: readonly string[], known: Names): Iterable<MvccwError> {
  for (const problem of problemsOf(names, known, known.mattering)) {
    yield new MvccwError('CORRUPT', problem, { hint: HINT });
  }
}

/** Yields a sentence for each name that no etcd writes, and that may have been one of `wanted`, which is missing. */
function* problemsOf(names: readonly string[], { what, mattering, others }: Names, wanted: readonly string[]) {
  const missing = wanted.filter((name) => !names.includes(name));
  for (const name of names) {
    if (mattering.includes(name) || others.includes(name)) continue;
    const meant = missing.find(({ length }) => length === name.length);
    if (meant !== undefined) yield `${what} ${quoteKey(name)}: no etcd writes this name, and '${meant}' is missing`;
  }
}

/** Returns a sentence for each damaged name on which no answer depends. */
export function nameProblems(bolt: BoltFile): string[] {
  const names: readonly (readonly [string[], Names])[] = [
    [[...bolt.root.children()].map(({ name }) => name), BUCKETS],
    [namesIn(bolt.bucket('meta')), META_RECORDS],
    [namesIn(bolt.bucket('cluster')), CLUSTER_RECORDS],
    [namesIn(bolt.bucket('auth')), AUTH_RECORDS],
  ];
  return names.flatMap(([found, known]) => [...problemsOf(found, known, known.others)]);
}

function* sharedRoots(roots: readonly { name: string; pgid: number }[]): Iterable<MvccwError> {
  const nameOf = new Map<number, string>();
  for (const { name, pgid } of roots) {
    if (pgid === 0) continue;
    const other = nameOf.get(pgid);
    if (other === undefined) {
      nameOf.set(pgid, name);
      continue;
    }
    yield new MvccwError(
      'CORRUPT',
      `buckets ${quoteKey(other)} and ${quoteKey(name)} have the same root page ${pgid}`,
      { hint: 'the file is damaged: a page belongs to one bucket' },
    );
  }
}

/** Yields an error if a bucket begins with a record: then the pages of `key` are there, and others take their place. */
function* foreignPages(bolt: BoltFile, name: string): Iterable<MvccwError> {
  const first = firstKey(bolt, name);
  if (first === undefined || !isRevisionKey(first)) return;
  yield new MvccwError('CORRUPT', `bucket ${quoteKey(name)} begins with a record, which belongs into bucket 'key'`, {
    hint: 'the file is damaged: the pages of two buckets have been mixed up',
  });
}

/** Returns the first key of a bucket. Pages that cannot be read are told by whoever needs them. */
function firstKey(bolt: BoltFile, name: string): Buffer | undefined {
  try {
    for (const { key } of bolt.bucket(name)?.entries() ?? []) return key;
  } catch (error) {
    if (!(error instanceof MvccwError) || error.code !== 'CORRUPT') throw error;
  }
  return undefined;
}
