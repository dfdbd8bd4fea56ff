// The transactions of a history that a scenario writes. They are asked for by their place, so that a scenario can make
// each of them of its text when it is needed, and a repeated one takes no memory.

export type Change =
  | { readonly put: string; readonly value: Buffer; readonly lease?: bigint }
  /** A delete takes the range that begins at `delete`, with an end as that of KeyRange. */
  | { readonly delete: string; readonly end?: string | undefined };

/** The changes that are written in one transaction. */
export type Transaction = readonly Change[];

export interface Transactions {
  readonly length: number;
  at(place: number): Transaction;
  /** Returns one change of a transaction. */
  changeAt(place: number, index: number): Change;
  /** Returns the key of one change, or where its range begins, without making its value. */
  keyAt(place: number, index: number): string;
}

export function keyOf(change: Change): string {
  return 'put' in change ? change.put : change.delete;
}
