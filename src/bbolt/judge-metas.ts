// Judges what the two metas of a file say about each other: whether transactions are lost that the meta in use does not
// know. It follows who writes metas in bbolt:
//
//   a commit of txid N                     writes the meta in slot N % 2, and leaves the other, of N - 1
//   a snapshot (tx.go, WriteTo) at txid N  has N in slot 0 and, with the same fields, N - 1 in slot 1
//   the first commit to a snapshot, N + 1  leaves the other slot, which may be slot 1 with N - 1, where N + 1 belongs too
//   `bbolt surgery revert-meta-page`       makes both slots equal
//
// A commit of txid N + 1 writes over an odd N in slot 0. So while it is there, slot 1 has nothing newer.

import type { MetaPair, MetaSlot } from './find-meta.js';
import type { Meta } from './meta.js';

export interface MetaRemark {
  readonly text: string;
  /** Whether revisions may be missing that a newer meta led to. */
  readonly mayBeOlder: boolean;
}

/** Returns what a reader of the file has to know; undefined if the two metas are as bbolt leaves them. */
export function judgeMetas({ current, slots }: MetaPair): MetaRemark | undefined {
  const damaged = slots.findIndex(({ meta }) => meta === undefined);
  if (damaged !== -1) return judgeDamaged(damaged, slots[damaged]!, current);
  const [first, second] = [slots[0].meta!, slots[1].meta!];
  if (isPair(first, second)) return undefined;
  return {
    text:
      `meta 0 has txid ${first.txid} and meta 1 has txid ${second.txid}, which bbolt does not leave side by side; ` +
      `all answers are from txid ${current.txid}: if one of the two is wrong, the newest revisions may be missing`,
    mayBeOlder: true,
  };
}

function judgeDamaged(index: number, { original, problem }: MetaSlot, current: Meta): MetaRemark {
  const used = `meta ${1 - index}, of txid ${current.txid}`;
  if (original !== undefined && original.txid > current.txid) {
    return {
      text:
        `meta ${index} is damaged, and it was the newer one: without its one wrong byte it has txid ${original.txid}. ` +
        `All answers are from ${used}: what was committed last is missing`,
      mayBeOlder: true,
    };
  }
  const wasOlder = original !== undefined || (index === 1 && current.txid % 2 === 1);
  if (wasOlder) {
    return { text: `meta ${index} is damaged, but nothing newer than ${used}, is lost with it`, mayBeOlder: false };
  }
  return {
    text:
      `meta ${index} is damaged: ${problem}. All answers are from ${used}: if the damaged one was the newer, ` +
      'the newest revisions are missing',
    mayBeOlder: true,
  };
}

/** Tells whether two valid metas are as bbolt leaves them. */
function isPair(first: Meta, second: Meta): boolean {
  const ahead = first.txid - second.txid;
  const inTheirSlots = first.txid % 2 === 0 && second.txid % 2 === 1;
  if (inTheirSlots && Math.abs(ahead) === 1) return true;
  if (ahead === 0 || ahead === 1) return isSameTree(first, second);
  return ahead === 2 && first.txid % 2 === 0;
}

function isSameTree(a: Meta, b: Meta): boolean {
  return (
    a.root === b.root &&
    a.sequence === b.sequence &&
    a.freelist === b.freelist &&
    a.highWaterMark === b.highWaterMark &&
    a.pageSize === b.pageSize
  );
}
