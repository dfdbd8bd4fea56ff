// Prints records and responses as `etcdctl -w fields` does.

import type { KeyValue } from '../../mvcc/key-value.js';
import type { TxnOpResponse } from '../../requests/txn-request.js';
import { keyValueFields, revisionField } from '../formats/fields.js';
import type { KvPrinter, KvStyle } from './kv-printer.js';

export function kvFieldsPrinter({ decoding }: KvStyle): KvPrinter {
  function* records(kvs: readonly KeyValue[], prefix: '' | 'Prev'): Iterable<string> {
    for (const kv of kvs) yield `${keyValueFields(kv, prefix, decoding).join('\n')}\n`;
  }

  function* message(response: TxnOpResponse): Iterable<string> {
    yield revisionField(response.revision);
    if (response.type === 'put') {
      yield* records(response.prevKv === undefined ? [] : [response.prevKv], 'Prev');
    } else if (response.type === 'get') {
      yield* records(response.kvs, '');
      yield `"More" : ${response.more}\n"Count" : ${response.count}\n`;
    } else {
      yield `"Deleted" : ${response.deleted}\n`;
      yield* records(response.prevKvs, 'Prev');
    }
  }

  return {
    put: message,
    get: message,
    delete: message,
    *txn({ revision, succeeded, responses }) {
      yield `${revisionField(revision)}"Succeeded" : ${succeeded}\n`;
      for (const response of responses) yield* message(response);
    },
    *compacted({ currentRev }) {
      yield revisionField(currentRev);
    },
  };
}
