// Prints what a database is and what it holds.

import { utf8 } from '../bytes/byte-string.js';
import { quoteGo } from '../bytes/quote.js';
import type { AuthState, Member } from '../inspect/cluster.js';
import type { StoreStatus } from '../inspect/status.js';
import { hasSums } from '../storage/database-format.js';
import type { BucketInfo, DatabaseInfo, DatabaseKind, EtcdFileInfo } from '../storage/describe-database.js';
import { toJson } from './formats/json.js';
import { drawTable } from './formats/table.js';
import { plural } from './terminal/plural.js';
import type { Style } from './terminal/style.js';
import { escapeText } from './terminal/text.js';

type Printer = (info: DatabaseInfo, status: StoreStatus, style: Style) => string;
type Value = string | number | boolean | readonly string[] | object;

const KINDS: Readonly<Record<DatabaseKind, string>> = {
  mvccw: 'database of mvccw',
  etcdSnapshot: 'etcd snapshot, and its SHA-256 is right',
  etcdFile: 'etcd database file, without a digest',
};

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** Returns a size as etcdctl prints it: in powers of 1000, with two digits below ten. */
export function approximateBytes(bytes: number): string {
  let unit = 0;
  let size = bytes;
  while (size >= 999.5 && unit < UNITS.length - 1) {
    size /= 1000;
    unit++;
  }
  const digits = unit > 0 && size < 9.95 ? 1 : 0;
  return `${size.toFixed(digits)} ${UNITS[unit]}`;
}

function compactionText(kind: DatabaseKind, status: StoreStatus): string {
  const { scheduledCompactRev, finishedCompactRev, compactionCutShort } = status;
  if (compactionCutShort) {
    const finisher = kind === 'mvccw' ? 'the next write' : 'etcd, when it next starts,';
    return `at ${scheduledCompactRev}, cut short: ${finisher} will finish it`;
  }
  return finishedCompactRev === undefined ? 'none yet' : `finished at ${finishedCompactRev}`;
}

function freelistText({ freelistStored, freePages, problems }: EtcdFileInfo): string {
  if (!freelistStored) return 'not stored';
  if (freePages === undefined) return 'stored, but it cannot be read';
  const checked = problems.length === 0 ? ', and it agrees with the pages in use' : '';
  return `stored, ${plural(freePages, 'free page')}${checked}`;
}

function kindText({ kind, sizeBytes, etcd }: DatabaseInfo): string {
  const isWhole = kind !== 'etcdFile' || etcd === undefined || sizeBytes % etcd.pageSize === 0;
  return isWhole ? KINDS[kind] : 'etcd database file or snapshot, not whole';
}

function formatText(format: number): string {
  return hasSums(format) ? `${format}, with sums` : `${format}, without sums: mvccw defrag adds them`;
}

/** Returns each line as two byte strings: its label, and what comes after it. */
function lines(info: DatabaseInfo, status: StoreStatus): [string, string][] {
  const { format, importedFrom, etcdVersion, etcd } = info;
  return [
    ['path', text(info.path)],
    ['kind', kindText(info)],
    ...(format === undefined ? [] : [['format', formatText(format)] satisfies [string, string]]),
    ...(importedFrom === undefined ? [] : [['imported', `from ${text(importedFrom)}`] satisfies [string, string]]),
    ...(etcdVersion === undefined
      ? []
      : [['etcd', `${text(etcdVersion)}, as the file names it`] satisfies [string, string]]),
    ['window', `revisions ${status.oldestRev} to ${status.currentRev}`],
    ['compaction', compactionText(info.kind, status)],
    ...(status.bumpedTo === undefined
      ? []
      : [['restored', bumpText(status.bumpedTo, status)] satisfies [string, string]]),
    ['records', String(status.records)],
    ['keys', `${status.liveKeys} live, ${status.deletedKeys} deleted and not compacted`],
    ['leases', String(status.leases)],
    ['watchers', `${info.watchers} registered`],
    ['size', `${approximateBytes(info.sizeBytes)} (${plural(info.sizeBytes, 'byte')})`],
    ...(etcd === undefined ? [] : etcdLines(etcd)),
  ];
}

function bumpText(bumpedTo: number, { scheduledCompactRev }: StoreStatus): string {
  const marked = scheduledCompactRev === bumpedTo ? ', and all revisions before it are marked as compacted' : '';
  return `looks restored with --bump-revision: revision ${bumpedTo} is a record without a key${marked}`;
}

const text = (what: string): string => utf8(escapeText(what));

function etcdLines(etcd: EtcdFileInfo): [string, string][] {
  const { packedBytes, storageVersion, consistentIndex, term, members, removedMembers, alarms, auth } = etcd;
  const { buckets, problems } = etcd;
  return [
    ...(packedBytes === undefined
      ? []
      : [['packed', `with gzip, in ${approximateBytes(packedBytes)}`] satisfies [string, string]]),
    ['pages', `of ${etcd.pageSize} bytes, high-water mark ${etcd.highWaterMark}, txid ${etcd.txid}`],
    ['freelist', freelistText(etcd)],
    ...bucketTexts(buckets).map((of): [string, string] => ['bucket', text(of)]),
    ...(storageVersion === undefined
      ? []
      : [['storage', `version ${text(storageVersion)}`] satisfies [string, string]]),
    ...(consistentIndex === undefined ? [] : [['raft', raftText(consistentIndex, term)] satisfies [string, string]]),
    ...members.map((member): [string, string] => ['member', text(memberText(member))]),
    ...removedMembers.map((id): [string, string] => ['removed', `member ${id}`]),
    ...alarms.map(({ alarm, member }): [string, string] => ['alarm', `${alarm}, raised by member ${member}`]),
    ['auth', authText(auth)],
    ...problems.map((problem): [string, string] => ['damage', text(problem)]),
  ];
}

function bucketTexts(buckets: readonly BucketInfo[]): string[] {
  const empty = buckets.filter(({ keys }) => keys === 0).map(({ name }) => name);
  const filled = buckets.filter(({ keys }) => keys > 0);
  const inPages = (bytes: number) => (bytes === 0 ? 'inline' : `in pages of ${approximateBytes(bytes)}`);
  return [
    ...filled.map(
      ({ name, keys, dataBytes, pageBytes }) =>
        `${name}: ${plural(keys, 'entry', 'entries')} of ${approximateBytes(dataBytes)}, ${inPages(pageBytes)}`,
    ),
    ...(empty.length === 0 ? [] : [`${empty.join(', ')}: empty`]),
  ];
}

function raftText(consistentIndex: number, term: number | undefined): string {
  return `consistent index ${consistentIndex}${term === undefined ? '' : `, term ${term}`}`;
}

function memberText({ id, name, peerURLs, clientURLs, isLearner }: Member): string {
  const named = name === '' ? 'never started' : name;
  const clients = clientURLs.length === 0 ? [] : [`clients ${clientURLs.join(' ')}`];
  return [`${id} ${named}`, ...(isLearner ? ['learner'] : []), `peers ${peerURLs.join(' ')}`, ...clients].join(', ');
}

function authText({ enabled, revision, users, roles }: AuthState): string {
  const at = revision === undefined ? '' : `, revision ${revision}`;
  return `${enabled ? 'on' : 'off'}${at}, ${plural(users, 'user')}, ${plural(roles, 'role')}`;
}

const LABEL_COLUMNS = 12;

const simple: Printer = (info, status, { colour }) =>
  lines(info, status)
    .map(([label, value]) => `${utf8(colour.bold(label.padEnd(LABEL_COLUMNS)))}${value}\n`)
    .join('');

/** Returns the fields under their names in JSON, in one flat list; absent ones are left out. */
function entries(info: DatabaseInfo, status: StoreStatus): [string, Value][] {
  const { path, kind, format, importedFrom, etcdVersion, sizeBytes, watchers, etcd } = info;
  const all = { path, kind, format, importedFrom, etcdVersion, sizeBytes, ...status, watchers, ...etcd };
  return Object.entries<Value | undefined>(all).filter((entry): entry is [string, Value] => entry[1] !== undefined);
}

const json: Printer = (info, status) => utf8(`${toJson(Object.fromEntries(entries(info, status)))}\n`);

const fields: Printer = (info, status) =>
  entries(info, status)
    .map(([name, value]) => {
      const shown = typeof value === 'string' ? quoteGo(utf8(value)) : utf8(toJson(value));
      return `"${name[0]!.toUpperCase()}${name.slice(1)}" : ${shown}\n`;
    })
    .join('');

/** A list has a row for each of its items. */
const table: Printer = (info, status, { columns }) => {
  const rows = entries(info, status).flatMap(([name, value]): [string, Value][] =>
    Array.isArray(value) && value.length > 0 ? value.map((item) => [name, item]) : [[name, value]],
  );
  return drawTable(
    ['field', 'value'],
    rows.map(([name, value]) => [name, typeof value === 'string' ? escapeText(value) : toJson(value)]),
    { columns },
  );
};

export const STATUS_PRINTERS: Readonly<Record<string, Printer>> = { simple, json, fields, table };
