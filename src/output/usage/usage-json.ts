// Prints usage as JSON lines: the total, then a line for each prefix, value and key, and one for each of the rest.

import type { LargeValue } from '../../inspect/usage/largest-values.js';
import { bytesIn, recordsIn, type Split } from '../../inspect/usage/split.js';
import type { ActiveKey, Churn, PrefixUsage } from '../../inspect/usage/usage.js';
import type { DatabaseUsage } from '../../storage/measure-database.js';
import { inspectionLine } from '../formats/inspection-line.js';

const bytes = (latin1: string): Buffer => Buffer.from(latin1, 'latin1');

export function* usageJson(usage: DatabaseUsage): Iterable<string> {
  const { path, currentRev, compactRev, total, depth, prefixCount, pages, defrag } = usage;
  const { keptSizes: _, ...compaction } = usage.compaction;
  yield inspectionLine('total', { path, currentRev, compactRev, depth, prefixes: prefixCount, ...splitJson(total) });
  for (const { prefix, ...split } of usage.prefixes) {
    yield inspectionLine('prefix', {
      prefix: bytes(prefix),
      ...splitJson(split satisfies Omit<PrefixUsage, 'prefix'>),
    });
  }
  for (const value of usage.values) yield inspectionLine('value', valueJson(value));
  for (const { key, ...active } of usage.keys)
    yield inspectionLine('key', { key: bytes(key), ...(active satisfies Partial<ActiveKey>) });
  yield inspectionLine('churn', churnJson(usage.churn));
  yield inspectionLine('pages', pages);
  yield inspectionLine('compaction', { ...compaction, defragBytes: defrag.bytes, defragFileBytes: defrag.fileBytes });
}

function splitJson(split: Split): object {
  const { keys, liveKeys, liveRecords, liveBytes, oldRecords, oldBytes, tombstones, tombstoneBytes } = split;
  return {
    keys,
    liveKeys,
    revisions: recordsIn(split),
    bytes: bytesIn(split),
    live: { records: liveRecords, bytes: liveBytes },
    old: { records: oldRecords, bytes: oldBytes },
    tombstones: { records: tombstones, bytes: tombstoneBytes },
  };
}

function valueJson({ key, bytes: sizeBytes, main, sub }: LargeValue): object {
  return { key: bytes(key), revision: { main, sub }, bytes: sizeBytes };
}

function churnJson({ prefixes, ...churn }: Churn): object {
  return { ...churn, prefixes: prefixes.map(({ prefix, ...active }) => ({ prefix: bytes(prefix), ...active })) };
}
