// The options by which a file is taken although something may be missing from it.

import type { Missing } from '../storage/file-remark.js';

export interface MayMissOptions {
  readonly olderMeta?: boolean;
  readonly clearedElements?: boolean;
}

export function mayMissOf({ olderMeta, clearedElements }: MayMissOptions): Missing[] {
  return [
    ...(olderMeta ? (['newestRevisions'] as const) : []),
    ...(clearedElements ? (['clearedElements'] as const) : []),
  ];
}
