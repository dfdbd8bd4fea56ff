// A finding is one thing that is wrong with a database: what, where, and by its kind what it means and whether it can be
// mended. The kinds are the same for databases of mvccw and for etcd files.

import { MvccwError } from '../../errors.js';
import type { TableName } from '../../mvcc/backend.js';
import type { Revision } from '../../mvcc/revision.js';

interface KindOfFinding {
  /** What may follow from it. */
  readonly means: string;
  /** What a repair does about it; undefined if nothing can be done without the bytes that were there. */
  readonly repair?: string;
  /** Whether it is in what was written, and no damage to the database: nothing has to be repaired for its sake. */
  readonly asWritten?: true;
}

export const FINDING_KINDS = {
  file: { means: 'what was at the end of the file is lost' },
  digest: { means: 'some byte of the file is not the one that was written; nobody can tell which' },
  meta: { means: 'the last commit may be missing: answers come from the one before' },
  page: { means: 'what lies below it cannot be read, or is not what was written' },
  freelist: {
    means: 'pages are lost, or the next write overwrites pages in use',
    repair: 'the file is written anew without free pages',
  },
  record: { means: 'reads, watches and hashes that need it fail' },
  history: { means: 'changes are lost or altered: watches, hashes and reads of older revisions may be wrong' },
  name: { means: 'etcd does not find what it names, and goes on as if it had never been written' },
  raft: { means: 'a server that starts from the file may apply requests twice, skip some, or refuse to start' },
  cluster: { means: 'a server that starts from the file may know other members, alarms or users' },
  marks: { means: 'the window of revisions may be wrong' },
  index: { means: 'reads by key fail, or miss what is there', repair: 'the index is built anew from the records' },
  lease: { means: 'the lease cannot be read, or keys stay when it runs out' },
  attachment: {
    means: 'when the lease runs out a key stays, or another is deleted',
    repair: 'the attachments are built anew from the records',
  },
  due: {
    means: 'a lease runs out at another time or never, or keeps others from it',
    repair: 'the list of deadlines is built anew from the leases',
  },
  watcher: { means: 'replays and trees of the registered watchers fail; `mvccw watcher remove` removes one' },
  totals: {
    means: 'the database cannot be opened: nobody could tell whether something was lost',
    repair: 'the totals are counted anew',
  },
  object: {
    means:
      'lists from etcd and from the watch cache of an apiserver differ, and its check of the cache fails (kubernetes #135115)',
    asWritten: true,
  },
  leftover: { means: 'it takes up room on the disk', repair: 'it is removed' },
} as const satisfies Readonly<Record<string, KindOfFinding>>;

export type FindingKind = keyof typeof FINDING_KINDS;

/** Where a thing is, as far as it can be told. */
interface FindingPlace {
  readonly page?: number;
  /** The byte in the file at which the damage of a page is, or the page begins. */
  readonly offset?: number;
  readonly table?: TableName;
  /** The bucket of an etcd file. */
  readonly bucket?: string;
  /** The key of the entry in its table, where it is not told by what it stands for. */
  readonly entry?: Buffer;
  readonly revision?: Revision;
  /** The user key, one char a byte. */
  readonly key?: string;
  readonly lease?: bigint;
  /** The name of a file in the database's directory. */
  readonly file?: string;
}

export interface Finding extends FindingPlace {
  readonly kind: FindingKind;
  /** One sentence that says what is wrong, and where. */
  readonly problem: string;
  /** Whether it is of an etcd file, which is never repaired. */
  readonly isOfEtcd?: boolean;
}

/** Returns what a repair does about a kind of finding; undefined if it can do nothing. */
export function repairOf(kind: FindingKind): string | undefined {
  const { repair }: KindOfFinding = FINDING_KINDS[kind];
  return repair;
}

/** Tells whether findings of a kind are of a damaged database, and not of what somebody has written to it. */
export function isDamage(kind: FindingKind): boolean {
  const { asWritten }: KindOfFinding = FINDING_KINDS[kind];
  return asWritten === undefined;
}

/** Returns what an error says is wrong with the bytes. Throws any other error on. */
export function problemIn(error: unknown): string {
  if (error instanceof MvccwError && error.code === 'CORRUPT') return error.message;
  throw error;
}

/** Makes a finding of what is wrong with a page. The sentence names the page and the byte, as all such errors do. */
export function pageFinding(kind: FindingKind, problem: string): Finding {
  const [, page, offset] = /\bpage (\d+) \(byte (\d+)\)/.exec(problem) ?? [];
  return { kind, ...(page !== undefined && { page: Number(page), offset: Number(offset) }), problem };
}
