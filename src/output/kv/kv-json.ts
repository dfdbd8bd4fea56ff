// Prints the JSON of etcd's API as `etcdctl -w json` does: one line for each response.

import { utf8 } from '../../bytes/byte-string.js';
import type { KeyValue } from '../../mvcc/key-value.js';
import type { TxnOpResponse } from '../../requests/txn-request.js';
import { headerJson, keyValueJson } from '../formats/api-json.js';
import { toJson } from '../formats/json.js';
import type { KvPrinter, KvStyle } from './kv-printer.js';

const WRAPPER: Readonly<Record<TxnOpResponse['type'], string>> = {
  put: 'response_put',
  get: 'response_range',
  delete: 'response_delete_range',
};

/** Returns `,"name":value`, or nothing for a zero value. */
function member(name: string, value: number | boolean | undefined): string {
  return value ? `,"${name}":${toJson(value)}` : '';
}

export function kvJsonPrinter({ decoding }: KvStyle): KvPrinter {
  const record = (kv: KeyValue): string => utf8(toJson(keyValueJson(kv, decoding)));

  /** Yields `,"name":[…]`, or nothing when there are no records. */
  function* recordList(name: string, kvs: readonly KeyValue[]): Iterable<string> {
    for (const [i, kv] of kvs.entries()) yield `${i === 0 ? `,"${name}":[` : ','}${record(kv)}`;
    if (kvs.length > 0) yield ']';
  }

  function* message(response: TxnOpResponse): Iterable<string> {
    yield `{"header":${toJson(headerJson(response.revision))}`;
    if (response.type === 'put') {
      if (response.prevKv !== undefined) yield `,"prev_kv":${record(response.prevKv)}`;
    } else if (response.type === 'get') {
      yield* recordList('kvs', response.kvs);
      yield member('more', response.more) + member('count', response.count);
    } else {
      yield member('deleted', response.deleted);
      yield* recordList('prev_kvs', response.prevKvs);
    }
    yield '}';
  }

  function* line(response: TxnOpResponse): Iterable<string> {
    yield* message(response);
    yield '\n';
  }

  return {
    put: line,
    get: line,
    delete: line,
    *txn({ revision, succeeded, responses }) {
      yield `{"header":${toJson(headerJson(revision))}${member('succeeded', succeeded)}`;
      for (const [i, response] of responses.entries()) {
        yield `${i === 0 ? ',"responses":[' : ','}{"Response":{"${WRAPPER[response.type]}":`;
        yield* message(response);
        yield '}}';
      }
      yield responses.length > 0 ? ']}\n' : '}\n';
    },
    *compacted({ currentRev }) {
      yield `${toJson({ header: headerJson(currentRev) })}\n`;
    },
  };
}
