// The revisions that a write-ahead log gives as a backend that can only be read.

import type { LogWindow } from '../inspect/wal/log-window.js';
import type { ReadBackend, ReadTable } from '../mvcc/backend.js';
import { derivedBackend } from '../mvcc/derived-tables.js';
import { MemoryTable } from '../mvcc/memory-table.js';
import { u64 } from '../mvcc/revision.js';
import type { EtcdFile } from './etcd-file.js';
import type { OnProgress } from './listener.js';
import type { OpenLog } from './log-directory.js';
import { MeteredTable } from './metered-table.js';

const TERM = Buffer.from('term');
const MARKS = ['scheduledCompactRev', 'finishedCompactRev'];

/** Returns the backend of a window. */
export function logBackend(
  window: LogWindow,
  { directory, raft }: OpenLog,
  file: EtcdFile | undefined,
  onProgress: OnProgress,
): ReadBackend {
  const { tables, lastIndex } = window;
  const key = new MeteredTable(tables.key, `reading ${directory}`, onProgress);
  const meta = metaOf(tables.meta, file, lastIndex, raft.entry(lastIndex)?.term);
  const sizeBytes = raft.segments.reduce((sum, { usedBytes }) => sum + usedBytes, file?.sizeBytes() ?? 0);
  return derivedBackend({ key, meta, lease: tables.lease }, sizeBytes);
}

/** Returns what the file records beside its keys, with the marks of the window and the last entry that is in it. */
function metaOf(
  marks: ReadTable,
  file: EtcdFile | undefined,
  lastIndex: number,
  lastTerm: number | undefined,
): ReadTable {
  const meta = new MemoryTable();
  for (const { key, value } of file?.entriesOf('meta') ?? []) {
    if (!MARKS.includes(key.toString('latin1'))) meta.put(key, value);
  }
  for (const name of MARKS) {
    const mark = marks.get(Buffer.from(name));
    if (mark !== undefined) meta.put(Buffer.from(name), mark);
  }
  meta.put(Buffer.from('consistent_index'), u64(lastIndex));
  if (lastTerm !== undefined && meta.get(TERM) !== undefined) meta.put(TERM, u64(lastTerm));
  return meta;
}
