// A recorded history as transactions, so that a store in memory can commit them: to a store that was restored from a
// backup they are other revisions than they were.

import { MvccwError } from '../../errors.js';
import type { History } from '../../mvcc/history.js';
import { encodeKeyValue, encodeTombstone } from '../../mvcc/key-value.js';
import type { StoredRecord } from '../../mvcc/record.js';
import { encodeRevisionKey } from '../../mvcc/revision.js';
import type { StoreBehaviours } from '../../mvcc/store-behaviour.js';
import { writeFinishedCompactRev, writeScheduledCompactRev } from '../../mvcc/store-state.js';
import { ScriptedStore } from './scripted-store.js';
import type { Change, Transaction } from './transactions.js';

/** Returns a store in memory that stands at `baseRev` of a recorded history, and commits the rest up to `toRev`. */
export function storeInMemory(
  history: History,
  baseRev: number,
  toRev: number,
  behaviours: StoreBehaviours,
): ScriptedStore {
  const transactions = transactionsOf(history.records(baseRev + 1, toRev), baseRev);
  return new ScriptedStore(
    { length: transactions.length, at: (place) => transactions[place]! },
    baseRev,
    toRev,
    behaviours,
    {
      fill({ tables: { key, meta } }) {
        for (const record of history.records(0, baseRev))
          key.put(encodeRevisionKey(record, record.tombstone), bytesOf(record));
        if (history.compactRev <= 0) return;
        writeScheduledCompactRev(meta, history.compactRev);
        writeFinishedCompactRev(meta, history.compactRev);
      },
    },
  );
}

function bytesOf(record: StoredRecord): Buffer {
  if (record.isEmpty) return Buffer.alloc(0);
  return record.tombstone ? encodeTombstone(record.key) : encodeKeyValue(record.keyValue());
}

/** Throws USAGE where revisions are skipped, as by a bump: to write them anew would give others. */
function transactionsOf(records: Iterable<StoredRecord>, baseRev: number): Transaction[] {
  const transactions: Change[][] = [];
  let lastMain = baseRev;
  for (const record of records) {
    const { main, key, lease, tombstone } = record;
    if (main > lastMain + 1 || record.isEmpty) {
      throw new MvccwError('USAGE', `the history goes on at revision ${main} behind ${lastMain}, as it was restored`, {
        hint: `a restore from a backup is played only from there on: --base-rev ${main}`,
      });
    }
    if (main !== lastMain) transactions.push([]);
    lastMain = main;
    transactions.at(-1)!.push(tombstone ? { delete: key } : { put: key, value: record.keyValue().value, lease });
  }
  return transactions;
}
