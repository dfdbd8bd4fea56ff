// What a salvage tells, each thing when it is found: damage, what is lost by it or may be, and what was decided.

import type { Revision } from '../../mvcc/revision.js';

export const LOSS_KINDS = {
  meta: 'a meta page is damaged',
  digest: 'some byte of the file is not the one that was written; nobody can tell which',
  page: 'a page cannot be read, or not all of it',
  record: 'an element of a page cannot be read',
  gap: 'revisions are lost',
  unsure: 'something may be lost, or be out of date',
  history: 'a record does not follow from the one before it of its key: what was between them is lost',
  version: 'a revision is there with different bytes',
  outside: 'records are intact and not in the database',
  marks: 'how far compaction had come is not known',
  lease: 'a lease is lost, or may be',
} as const;

/** What is damaged. What is lost by it is told of its own, unless there was another copy. */
const DAMAGES: readonly LossKind[] = ['meta', 'page', 'record', 'outside'];

/** Tells whether something is lost, or may be. */
export function isLost({ kind, harmless = false }: Loss): boolean {
  return !harmless && !DAMAGES.includes(kind);
}

type LossKind = keyof typeof LOSS_KINDS;

export interface Loss {
  readonly kind: LossKind;
  /** One sentence that says what it is, and where. */
  readonly problem: string;
  /** Whether nothing is lost by it, although something of its kind could be. */
  readonly harmless?: boolean;
  readonly page?: number;
  /** The byte in the file. */
  readonly offset?: number;
  readonly revision?: Revision;
  /** The first and the last revision of a gap. */
  readonly from?: number;
  readonly to?: number;
  /** The user key, one char a byte. */
  readonly key?: string;
  readonly lease?: bigint;
}
