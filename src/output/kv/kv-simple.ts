// Prints the simple format as `etcdctl -w simple` does: each key and each value has a line of its own.

import { utf8 } from '../../bytes/byte-string.js';
import type { KeyValue } from '../../mvcc/key-value.js';
import type { DeleteResponse } from '../../requests/delete-request.js';
import type { GetResponse } from '../../requests/get-request.js';
import type { PutResponse } from '../../requests/put-request.js';
import { valueText } from '../kube/value-teller.js';
import { bytesFor, hexBytes } from '../terminal/text.js';
import type { KvPrinter, KvStyle } from './kv-printer.js';

export function kvSimplePrinter({ terminal, hex, colour, decoding }: KvStyle): KvPrinter {
  const show = (bytes: string): string => (hex ? hexBytes(bytes) : bytesFor(terminal, bytes));

  const value = (kv: KeyValue): string => {
    const text = decoding && valueText(decoding, kv.key, kv.value);
    return `${text ?? show(kv.value.toString('latin1'))}\n`;
  };
  const record = (kv: KeyValue): string => `${show(kv.key)}\n${value(kv)}`;

  function* put({ prevKv }: PutResponse): Iterable<string> {
    yield 'OK\n';
    if (prevKv !== undefined) yield record(prevKv);
  }

  function* get({ kvs, count, shows }: GetResponse): Iterable<string> {
    if (shows === 'count') yield `${count}\n`;
    for (const kv of kvs) yield shows === 'values' ? value(kv) : record(kv);
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
