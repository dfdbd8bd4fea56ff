// The simple format: keys and values on lines of their own, as `etcdctl -w simple` prints them.

import { utf8 } from '../mvcc/byte-string.js';
import type { DeleteResponse } from '../mvcc/delete-request.js';
import type { GetResponse } from '../mvcc/get-request.js';
import type { KeyValue } from '../mvcc/key-value.js';
import type { PutResponse } from '../mvcc/put-request.js';
import type { KvPrinter, KvStyle } from './kv-printer.js';
import { bytesFor, hexBytes } from './text.js';

export function kvSimplePrinter({ terminal, hex, valueOnly, colour }: KvStyle): KvPrinter {
  const show = (bytes: string): string => (hex ? hexBytes(bytes) : bytesFor(terminal, bytes));

  function record(kv: KeyValue): string {
    const value = `${show(kv.value.toString('latin1'))}\n`;
    return valueOnly ? value : `${show(kv.key)}\n${value}`;
  }

  function* put({ prevKv }: PutResponse): Iterable<string> {
    yield 'OK\n';
    if (prevKv !== undefined) yield record(prevKv);
  }

  function* get({ kvs, count, shows }: GetResponse): Iterable<string> {
    if (shows === 'count') yield `${count}\n`;
    for (const kv of kvs) yield record(kv);
  }

  function* del({ deleted, prevKvs }: DeleteResponse): Iterable<string> {
    yield `${deleted}\n`;
    for (const kv of prevKvs) yield record(kv);
  }

  return {
    put,
    get,
    delete: del,
    *txn({ succeeded, responses }) {
      yield `${utf8(succeeded ? colour.green('SUCCESS') : colour.yellow('FAILURE'))}\n`;
      for (const response of responses) {
        yield '\n';
        if (response.type === 'put') yield* put(response);
        else if (response.type === 'get') yield* get(response);
        else yield* del(response);
      }
    },
    *compacted({ revision }) {
      yield `compacted revision ${revision}\n`;
    },
  };
}
