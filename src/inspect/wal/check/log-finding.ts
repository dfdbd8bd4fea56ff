// A finding is one thing that is wrong with a log, or between a log and a database: what, where, and by its kind what it
// means. A remark tells of something that is as it may be.

import type { Revision } from '../../../mvcc/revision.js';

interface KindOfLogFinding {
  /** What may follow from it. */
  readonly means: string;
  /** Whether a part of the log is missing or cannot be read. */
  readonly isDamage?: true;
}

export const LOG_FINDING_KINDS = {
  damage: { means: 'nothing behind it can be read: all that the log still gives lies before it', isDamage: true },
  end: {
    means:
      'entries that the cluster had agreed on are missing from the end of the log, or it was copied before the database',
    isDamage: true,
  },
  gap: { means: 'entries are missing, and no snapshot in the log stands for them', isDamage: true },
  unreadable: { means: 'the entry cannot be applied, nor any behind it', isDamage: true },
  overwritten: { means: 'what the cluster had agreed on was replaced, which raft never does' },
  position: { means: 'a server that starts from the log and the database lacks entries, and refuses or goes wrong' },
  term: { means: 'the log and the database have another history, as after a restore of one of them alone' },
  record: { means: 'the member does not hold what its log gives: it has come to differ, or a file was changed' },
  compaction: { means: 'the database is compacted at another revision than its log says' },
  lease: { means: 'keys go, or stay, when the other members do the opposite' },
  alarm: { means: 'the server refuses writes that the others accept, or the opposite' },
  access: { means: 'users may do something else here than on the other members' },
  entry: { means: 'two members have agreed on different entries, which raft never allows' },
  parting: { means: 'from here on the members give different answers, at every revision' },
} as const satisfies Readonly<Record<string, KindOfLogFinding>>;

export type LogFindingKind = keyof typeof LOG_FINDING_KINDS;

/** An entry of the log, and what is told of it. */
export interface NamedEntry {
  readonly index: number;
  readonly term: number;
  readonly request: string;
  /** '' if none is recorded. */
  readonly user: string;
  /** 0 if it has none. */
  readonly requestId: bigint;
}

export interface LogFinding {
  readonly kind: LogFindingKind;
  /** One sentence that says what is wrong, and where. */
  readonly problem: string;
  readonly segment?: string | undefined;
  /** The byte of the segment. */
  readonly offset?: number | undefined;
  readonly index?: number | undefined;
  readonly entry?: NamedEntry | undefined;
  readonly revision?: Revision | undefined;
  /** The user key, one char a byte. */
  readonly key?: string | undefined;
  readonly lease?: bigint | undefined;
}

export const REMARKS = {
  log: 'what the log has',
  overwritten: 'entries that were written and then replaced',
  jump: 'indexes that a snapshot stands for',
  torn: 'a write that was never finished',
  uncommitted: 'entries behind the last that is known to be committed',
  database: 'where the database stands in the log',
  applied: 'what was applied and compared',
  doubt: 'an entry whose effect the log alone does not decide',
} as const;

interface LogRemark {
  readonly about: keyof typeof REMARKS;
  readonly text: string;
  /** The entries that it is about. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly entry?: NamedEntry | undefined;
}

export type AuditStep = { readonly finding: LogFinding } | { readonly remark: LogRemark };

export function isLogDamage(kind: LogFindingKind): boolean {
  const { isDamage }: KindOfLogFinding = LOG_FINDING_KINDS[kind];
  return isDamage === true;
}
