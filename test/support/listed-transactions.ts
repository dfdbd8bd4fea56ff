import { keyOf, type Transaction, type Transactions } from '../../src/replay/run/transactions.js';

/** Returns transactions that are already made. */
export function listedTransactions(list: readonly Transaction[]): Transactions {
  return {
    length: list.length,
    at: (place) => list[place]!,
    changeAt: (place, index) => list[place]![index]!,
    keyAt: (place, index) => keyOf(list[place]![index]!),
  };
}
