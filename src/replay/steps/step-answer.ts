// The answers to a step scenario's operations, as the recorder of real etcd wrote them: what stands in the JSON.

import { base64, fromUtf8, utf8 } from '../../bytes/byte-string.js';
import type { MvccwError } from '../../errors.js';
import type { KeyValue } from '../../mvcc/key-value.js';
import type { RangeResult } from '../../mvcc/range.js';
import type { WatchEvent } from '../../mvcc/record.js';

export type Answer = Readonly<Record<string, unknown>>;

/** Bytes as JSON: text where that loses nothing, else base64 in a field with 64 behind its name. */
export function bytesJson(name: string, bytes: string): Answer {
  const text = fromUtf8(bytes);
  return utf8(text) === bytes ? { [name]: text } : { [`${name}64`]: base64(bytes) };
}

function keyValueJson(kv: KeyValue): Answer {
  return {
    ...bytesJson('key', kv.key),
    ...bytesJson('value', kv.value.toString('latin1')),
    createRevision: kv.createRevision,
    modRevision: kv.modRevision,
    version: kv.version,
    lease: Number(kv.lease),
  };
}

export const eventJson = ({ type, kv }: WatchEvent): Answer => ({ type, ...keyValueJson(kv) });

export const rangeJson = ({ revision, count, kvs }: RangeResult): Answer => ({
  rev: revision,
  count,
  kvs: kvs.map(keyValueJson),
});

export function byName<T>(entries: Iterable<[string, T]>): Record<string, T> {
  return Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The texts that the recorder gives for the errors of etcd's API. */
export function errorText(error: MvccwError): string {
  switch (error.code) {
    case 'COMPACTED':
      return 'compacted';
    case 'FUTURE_REVISION':
      return 'future';
    case 'LEASE_NOT_FOUND':
      return 'lease not found';
    case 'LEASE_EXISTS':
      return 'lease already exists';
    default:
      return error.message;
  }
}
