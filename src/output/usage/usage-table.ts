// Prints usage as tables, with all bytes exactly.

import { utf8 } from '../../bytes/byte-string.js';
import { bytesIn, recordsIn, type Split } from '../../inspect/usage/split.js';
import { formatRevision } from '../../mvcc/revision.js';
import type { DatabaseUsage } from '../../storage/measure-database.js';
import { drawTable } from '../formats/table.js';
import type { Style } from '../terminal/style.js';
import { depthRemark, PART_NAMES, prefixText, showKeys, type UsageView } from './usage-text.js';

const SPLIT = ['bytes', 'live', 'old', 'tombstones', 'keys', 'live keys', 'revisions'];

const splitCells = (split: Split): number[] => [
  bytesIn(split),
  split.liveBytes,
  split.oldBytes,
  split.tombstoneBytes,
  split.keys,
  split.liveKeys,
  recordsIn(split),
];

export function* usageTables(usage: DatabaseUsage, { columns }: Style, view: UsageView): Iterable<string> {
  const show = showKeys(view);
  const { prefixes, total, values, keys, churn, pages, compaction, defrag } = usage;
  const remark = depthRemark(usage, view);
  if (remark !== undefined) yield utf8(`${remark}\n`);
  const rows = prefixes.map((row) => [prefixText(row.prefix, show), ...splitCells(row)]);
  yield drawTable(['prefix', ...SPLIT], [...rows, ['(total)', ...splitCells(total)]], { columns });
  yield drawTable(
    ['largest value of', 'revision', 'bytes'],
    values.map((value) => [show(value.key), { whole: formatRevision(value) }, value.bytes]),
    { columns },
  );
  yield drawTable(
    ['most rewritten key', 'changes', 'bytes'],
    keys.map(({ key, changes, bytes }) => [show(key), changes, bytes]),
    { columns },
  );
  const { fromRev, toRev, revisions, changes, puts, deletes } = churn;
  yield drawTable(
    ['from rev', 'to rev', 'revisions', 'changes', 'puts', 'deletes', 'keys', 'bytes'],
    [[fromRev, toRev, revisions, changes, puts, deletes, churn.keys, churn.bytes]],
    { columns },
  );
  yield drawTable(
    ['most active prefix', 'changes', 'bytes', 'keys'],
    churn.prefixes.map((row) => [prefixText(row.prefix, show), row.changes, row.bytes, row.keys]),
    { columns },
  );
  const parts = Object.entries(PART_NAMES) as [keyof typeof pages.parts, string][];
  yield drawTable(
    ['part of the file', 'bytes', 'pages'],
    [
      ...parts.map(([part, name]) => [name, pages.parts[part].bytes, pages.parts[part].pages ?? '']),
      ['(the file)', pages.fileBytes, ''],
    ],
    { columns },
  );
  yield drawTable(
    ['bucket', 'entries', 'bytes', 'branch pages', 'leaf pages', 'overflow pages', 'slack bytes'],
    pages.buckets.map((one) => [
      show(one.name),
      one.entries,
      one.bytes,
      one.branchPages,
      one.leafPages,
      one.overflowPages,
      one.slackBytes,
    ]),
    { columns },
  );
  const { revision, deletedRecords, deletedBytes, keptRecords, keptBytes } = compaction;
  yield drawTable(
    ['compact', 'deleted records', 'deleted bytes', 'kept records', 'kept bytes', 'defrag, about', 'file, up to'],
    [[revision, deletedRecords, deletedBytes, keptRecords, keptBytes, defrag.bytes, defrag.fileBytes]],
    { columns },
  );
}
