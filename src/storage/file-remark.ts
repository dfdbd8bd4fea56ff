// A remark is what a reader of an etcd file should know beside the answer: the answer is what etcd would give, and yet
// it may not be all that was written.

import { MvccwError } from '../errors.js';

/** What may be missing from the answer. */
export type Missing =
  /** The newest revisions, because a damaged meta may have been the newer one. */
  | 'newestRevisions'
  /** Records of pages from which elements were taken off. */
  | 'clearedElements';

export interface FileRemark {
  readonly text: string;
  /** Undefined if nothing is missing. */
  readonly missing: Missing | undefined;
}

/** The option of a command that makes something of a file although something may be missing from it. */
const OPTIONS: Readonly<Record<Missing, string>> = {
  newestRevisions: '--older-meta',
  clearedElements: '--cleared-elements',
};

/**
 * Throws CORRUPT if something may be missing from a file and `mayMiss` does not allow it: what is made of the file would
 * not tell. `doneTo` says what the command does to a file: "exported".
 */
export function refuseMissing(
  file: string,
  { text, missing }: FileRemark,
  mayMiss: readonly Missing[],
  doneTo: string,
): void {
  if (missing === undefined || mayMiss.includes(missing)) return;
  throw new MvccwError('CORRUPT', `${file}: ${text}`, { hint: `what is left is ${doneTo} with ${OPTIONS[missing]}` });
}
