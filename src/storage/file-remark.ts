// A remark is what a reader of an etcd file should know beside the answer: the answer is what etcd would give, and yet
// it may not be all that was written.

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
