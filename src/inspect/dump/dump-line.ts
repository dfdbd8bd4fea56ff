// Writes the items of a dump as lines of JSON. An item has one form only, over which the sum of a dump is taken.

import { type Bytes, base64, utf8 } from '../../bytes/byte-string.js';
import { crc32c } from '../../bytes/crc32c.js';
import { jsonText } from '../../bytes/unsafe-characters.js';
import { toApiEnd } from '../../mvcc/key-range.js';
import type { Lease } from '../../mvcc/leases.js';
import type { StoredRecord } from '../../mvcc/record.js';
import type { WatchSpec } from '../../requests/watch-spec.js';
import type { DumpEnd, DumpHeader, DumpItem } from './dump-item.js';

/** The number of the format. It rises with each change that an older mvccw would misread. */
export const DUMP_SCHEMA_VERSION = 1;

/** The type of a record, in JSON. An empty record is that of a bumped revision, which changes no key. */
export type RecordType = 'PUT' | 'DELETE' | 'EMPTY';

/** Returns the line of an item, without its newline. */
export function lineOf(item: DumpItem): Bytes {
  if (item.kind === 'record') return recordLine(item.record);
  if (item.kind === 'lease') return leaseLine(item.lease);
  if (item.kind === 'watcher') return watcherLine(item.spec);
  return item.kind === 'dump' ? headerLine(item) : endLine(item);
}

type Value = string | number | bigint | boolean | undefined;

/** Returns `,"name":value` for each value that is there. Strings are JSON already. */
function fields(values: Readonly<Record<string, Value>>): string {
  let text = '';
  for (const name in values) if (values[name] !== undefined) text += `,"${name}":${values[name]}`;
  return text;
}

function line(kind: DumpItem['kind'], values: Readonly<Record<string, Value>>): Bytes {
  return utf8(`{"schema":${DUMP_SCHEMA_VERSION},"kind":"${kind}"${fields(values)}}`);
}

const quoted = (text: string | undefined) => (text === undefined ? undefined : jsonText(text));

const bytes = (value: string | undefined) => (value === undefined ? undefined : `"${base64(value)}"`);

function headerLine(header: DumpHeader): Bytes {
  const { currentRev, compactRev, scheduledCompactRev, finishedCompactRev, leaseClockMs } = header;
  return line('dump', {
    from: quoted(header.from),
    importedFrom: quoted(header.importedFrom),
    etcdVersion: quoted(header.etcdVersion),
    doubts: quoted(header.doubts),
    currentRev,
    compactRev,
    scheduledCompactRev,
    finishedCompactRev,
    leaseClockMs,
  });
}

function leaseLine({ id, ttlSeconds, remainingTtlSeconds, deadlineMs }: Lease): Bytes {
  return line('lease', { id, ttlSeconds, remainingTtlSeconds: remainingTtlSeconds || undefined, deadlineMs });
}

function watcherLine({
  name,
  key,
  end,
  startRev,
  filters,
  prevKv,
  progressNotify,
  fragment,
  stream,
}: WatchSpec): Bytes {
  return line('watcher', {
    name: quoted(name),
    key: bytes(key),
    rangeEnd: bytes(end === undefined ? undefined : toApiEnd(end)),
    startRev,
    filters: `[${filters.map((filter) => `"${filter}"`).join(',')}]`,
    prevKv,
    progressNotify,
    fragment,
    stream: quoted(stream),
  });
}

function typeOf({ isEmpty, tombstone }: StoredRecord): RecordType {
  if (isEmpty) return 'EMPTY';
  return tombstone ? 'DELETE' : 'PUT';
}

/** Returns the line of a record. The objects of `line` would take longer than all the rest, so it has none. */
export function recordLine(record: StoredRecord): Bytes {
  const { main, sub, tombstone, isEmpty } = record;
  const begin = `{"schema":${DUMP_SCHEMA_VERSION},"kind":"record","revision":{"main":${main},"sub":${sub}}`;
  const type = `,"type":"${typeOf(record)}"`;
  if (isEmpty) return `${begin}${type}${tombstone ? ',"tombstone":true' : ''}}` as Bytes;
  const { key, createRevision, version, value, lease } = record.keyValue();
  const put = tombstone
    ? ''
    : `,"createRevision":${createRevision},"version":${version},"value":"${value.toString('base64')}"`;
  return `${begin}${type},"key":"${base64(key)}"${put}${lease === 0n ? '' : `,"lease":${lease}`}}` as Bytes;
}

function endLine({ records, leases, watchers, hash, sum }: DumpEnd): Bytes {
  return line('end', { records, leases, watchers, hash, sum });
}

/** Adds up lines. */
export class LineSum {
  sum = 0;

  add(text: Bytes): void {
    this.sum = crc32c(Buffer.from(text, 'latin1'), this.sum);
  }
}
