// Reads the metas of a file of which one or both may be damaged.

import { findMeta, findMetaSlots } from '../../bbolt/find-meta.js';
import { judgeMetas } from '../../bbolt/judge-metas.js';
import type { Meta } from '../../bbolt/meta.js';
import type { PageSource } from '../../bbolt/page-source.js';
import { guessPageSize } from '../../bbolt/salvage/page-size.js';

export interface LooseMetas {
  readonly pageSize: number;
  /** The metas that are valid, or of which it is known what they were; the newest first. */
  readonly metas: readonly { readonly meta: Meta; readonly from: string }[];
  /** One sentence for each thing that is wrong with them. */
  readonly problems: readonly string[];
  /** Whether it is sure that nothing newer than the first of them was committed. */
  readonly isNewest: boolean;
}

/** Reads the metas. Throws FORMAT or CORRUPT if neither they nor the pages look like a bbolt file. */
export function looseMetas(source: PageSource): LooseMetas {
  const { slots, current } = findMetaSlots(source);
  const metas = slots
    .flatMap(({ meta, original }, i) => {
      if (meta !== undefined) return [{ meta, from: `meta ${i}` }];
      return original === undefined ? [] : [{ meta: original, from: `meta ${i} without its one wrong byte` }];
    })
    .sort((a, b) => b.meta.txid - a.meta.txid);
  const pageSize = metas[0]?.meta.pageSize ?? guessPageSize(source);
  // Without a meta and without a page the file is another one, which the strict reader can name.
  if (pageSize === undefined) return { ...looseMetasOf(findMeta(source).current), problems: [] };
  const remark = current === undefined ? undefined : judgeMetas({ current, slots });
  const problems = slots.flatMap(({ problem }, i) => (problem === undefined ? [] : [`meta ${i}: ${problem}`]));
  if (problems.length === 0 && remark !== undefined) problems.push(remark.text);
  const isNewest =
    metas.length === 2
      ? slots.some(({ meta }) => meta === undefined) || !remark?.mayBeOlder
      : metas.length === 1 && remark?.mayBeOlder === false;
  return { pageSize, metas, problems, isNewest };
}

function looseMetasOf(meta: Meta): Omit<LooseMetas, 'problems'> {
  return { pageSize: meta.pageSize, metas: [{ meta, from: 'meta 0' }], isNewest: false };
}
