// Writes the answers to the operations of a step scenario as the recorder of real etcd did.

import { base64, fromUtf8, utf8 } from '../../bytes/byte-string.js';
import type { MvccwError } from '../../errors.js';
import type { KeyValue } from '../../mvcc/key-value.js';
import type { RangeResult } from '../../mvcc/range.js';
import type { WatchEvent } from '../../mvcc/record.js';

export type Answer = Readonly<Record<string, unknown>>;

/**
 * Returns bytes as a field of JSON: as text when that loses nothing, else as base64 in a field whose name ends in 64.
 */
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

/** Returns the text that the recorder gives for an error of etcd's API. */
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
