// This module recounts the usage of records the naive way: with lists of all records, by key and by prefix.

import type { StoredRecord } from '../../src/mvcc/record.js';

export interface Recounted {
  readonly keys: number;
  readonly liveKeys: number;
  readonly liveRecords: number;
  readonly liveBytes: number;
  readonly oldRecords: number;
  readonly oldBytes: number;
  readonly tombstones: number;
  readonly tombstoneBytes: number;
}

export const bytesOfRecord = ({ keyBytes, valueBytes }: StoredRecord): number => keyBytes.length + valueBytes.length;

const sum = (records: readonly StoredRecord[]): number => records.reduce((n, record) => n + bytesOfRecord(record), 0);

export function recount(records: readonly StoredRecord[]): Recounted {
  const newest = new Map(records.map((record) => [record.key, record]));
  const tombstones = records.filter(({ tombstone }) => tombstone);
  const live = records.filter((record) => !record.tombstone && newest.get(record.key) === record);
  const old = records.filter((record) => !record.tombstone && newest.get(record.key) !== record);
  return {
    keys: newest.size,
    liveKeys: live.length,
    liveRecords: live.length,
    liveBytes: sum(live),
    oldRecords: old.length,
    oldBytes: sum(old),
    tombstones: tombstones.length,
    tombstoneBytes: sum(tombstones),
  };
}

/** Splits a key as text: the prefix that was given, then so many levels, each with the separator behind it. */
function prefixOf(key: string, prefix: string, separator: string, depth: number): string {
  const levels = key.slice(prefix.length).split(separator);
  const start = levels[0] === '' && levels.length > 1 ? 1 : 0;
  const whole = levels.slice(0, -1).slice(0, start + depth);
  return prefix + whole.map((level) => level + separator).join('');
}

export function byPrefix(
  records: readonly StoredRecord[],
  { prefix, separator, depth }: { prefix: string; separator: string; depth: number },
): Map<string, StoredRecord[]> {
  const groups = new Map<string, StoredRecord[]>();
  for (const record of records) {
    if (!record.key.startsWith(prefix)) continue;
    const name = prefixOf(record.key, prefix, separator, depth);
    groups.set(name, [...(groups.get(name) ?? []), record]);
  }
  return groups;
}
