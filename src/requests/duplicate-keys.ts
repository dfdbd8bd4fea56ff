// No transaction may put a key twice, or put and delete it: all its changes share one revision, so nothing would say which
// came last. Follows checkIntervals in etcd's v3rpc/key.go, over the requests of one branch.
//
// Differs from etcd: a delete from a key on reaches to the end of the key space here too. etcd takes its end, a zero
// byte, as it stands and finds no overlap; compaction at that revision then loses the put.

import { compareEnds, endsAfter } from '../adt/interval.js';
import { quoteKey } from '../bytes/key-text.js';
import { MvccwError } from '../errors.js';
import { intervalOf, type KeyRange } from '../mvcc/key-range.js';
import type { DeleteRequest } from './delete-request.js';
import type { PutRequest } from './put-request.js';

export type Write = Pick<PutRequest, 'type' | 'key'> | Omit<DeleteRequest, 'prevKv'>;

/** Throws USAGE when a key is given twice, and names the lowest such key. Only puts and deletes count. */
export function checkDuplicateKeys(requests: readonly (Write | { readonly type: string })[]): void {
  const puts: string[] = [];
  const deletes: KeyRange[] = [];
  for (const request of requests) {
    if (isWrite(request)) {
      if (request.type === 'put') puts.push(request.key);
      else deletes.push(request);
    }
  }
  // One sweep over both in key order: `reach` is the furthest end of the deletes that begin at or below the key.
  puts.sort(byteOrder);
  deletes.sort((a, b) => byteOrder(a.key, b.key));
  let next = 0;
  let reach: string | undefined;
  let previous: string | undefined;
  for (const key of puts) {
    if (key === previous) throw duplicate(key, 'is put twice');
    previous = key;
    for (; next < deletes.length && deletes[next]!.key <= key; next++) {
      const { end } = intervalOf(deletes[next]!);
      if (reach === undefined || compareEnds(end, reach) > 0) reach = end;
    }
    if (reach !== undefined && endsAfter(reach, key)) throw duplicate(key, 'is put and deleted');
  }
}

function isWrite(request: Write | { readonly type: string }): request is Write {
  return request.type === 'put' || request.type === 'delete';
}

function byteOrder(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function duplicate(key: string, how: string): MvccwError {
  return new MvccwError('USAGE', `duplicate key given in txn request: ${quoteKey(key)} ${how}`, {
    hint: 'all changes of a transaction share one revision: name each key in one put or delete only',
  });
}
