// The two metas, in pages 0 and 1. Transaction N writes the meta in page N mod 2 as its last step, so the two are of
// transactions N - 1 and N; only in a new file both are of transaction 0. Neither has a sum, but both name the root of
// the tree of tables, and every transaction writes that page anew: its header says whose it is.

import { readU64LE } from '../../bbolt/u64.js';
import { MvccwError } from '../../errors.js';
import type { DataFile } from './data-file.js';
import { PAGE_HEADER_BYTES } from './overflow-run.js';
import { NO_PAGE, readTableRecord, type TableRecord, wrongInRecord } from './table-record.js';

const FLAGS_AT = 18;
const META_FLAG = 0x08;
const MAGIC_AT = 24;
const VERSION_AT = 28;
const FREE_AT = 48;
const MAIN_AT = 96;
const LAST_PAGE_AT = 144;
const TXN_ID_AT = 152;
/** The bytes of a meta page that are in use. */
const META_PAGE_BYTES = 168;

const MAGIC = 0xbeefc0de;
const DATA_VERSION = 2;
/** In stock LMDB the page header is shorter. */
const STOCK_MAGIC_AT = 16;

const PAGE_SIZES = [512, 1024, 2048, 4096, 8192, 16384, 32768];
/** The keys of the tree of free pages are numbers. */
const INTEGER_KEYS = 0x08;

export interface Meta {
  /** The page that holds it: 0 or 1. */
  readonly page: number;
  readonly txnId: number;
  /** The number of the last page that belongs to the commit. The file may be shorter if that page is free. */
  readonly lastPage: number;
  readonly free: TableRecord;
  readonly main: TableRecord;
}

export interface Metas {
  readonly newer: Meta;
  readonly older: Meta;
}

/** Reads the bytes of both metas. Throws FORMAT if the file is not of the kind that mvccw writes, and CORRUPT. */
export function readMetaPages(file: DataFile): Buffer {
  const bytes = Buffer.alloc(2 * META_PAGE_BYTES);
  const got = file.readSome(bytes.subarray(0, META_PAGE_BYTES), 0);
  file.pageSize = pageSizeOf(file, bytes);
  if (got < META_PAGE_BYTES) throw file.cutShort('its first page has more');
  file.readPages(bytes.subarray(META_PAGE_BYTES), 1);
  return bytes;
}

/** Returns the metas. Throws CORRUPT if they contradict themselves, each other, or the pages that they name. */
export function checkMetas(file: DataFile, bytes: Buffer): Metas {
  const first = bytes.subarray(0, META_PAGE_BYTES);
  const second = bytes.subarray(META_PAGE_BYTES);
  const metas = [readMeta(file, first, 0), readMeta(file, second, 1)] as const;
  const [zero, one] = metas;
  const isNew = zero.txnId === 0 && one.txnId === 0;
  const areNeighbours = zero.txnId % 2 === 0 && one.txnId % 2 === 1 && Math.abs(zero.txnId - one.txnId) === 1;
  if (!isNew && !areNeighbours) {
    throw file.damage(
      0,
      TXN_ID_AT,
      `the metas are of transactions ${zero.txnId} and ${one.txnId}, which do not follow`,
    );
  }
  const newer = zero.txnId >= one.txnId ? zero : one;
  const older = metas[1 - newer.page]!;
  if (newer.lastPage < older.lastPage) {
    throw file.damage(
      newer.page,
      LAST_PAGE_AT,
      `its last page is ${newer.lastPage}, that of the meta before ${older.lastPage}`,
    );
  }
  if (zero.free.flags !== one.free.flags || zero.main.flags !== one.main.flags) {
    throw file.damage(newer.page, FREE_AT, 'the metas differ in their flags');
  }
  return { newer, older };
}

function pageSizeOf(file: DataFile, first: Buffer): number {
  if (first.readUInt32LE(MAGIC_AT) !== MAGIC) {
    const isStock = first.readUInt32LE(STOCK_MAGIC_AT) === MAGIC;
    const what = isStock ? "in stock LMDB's data format 1, not 2" : 'no LMDB file';
    throw new MvccwError('FORMAT', `${file.path} is ${what}`, {
      hint: 'name the directory that mvccw import made, or an etcd file',
    });
  }
  const version = first.readUInt32LE(VERSION_AT) & 0xffff;
  if (version !== DATA_VERSION) {
    throw new MvccwError('FORMAT', `${file.path} is in LMDB's data format ${version}, not ${DATA_VERSION}`);
  }
  const pageSize = first.readUInt32LE(FREE_AT);
  if (!PAGE_SIZES.includes(pageSize)) throw file.damage(0, FREE_AT, `the page size is ${pageSize} bytes`);
  return pageSize;
}

function readMeta(file: DataFile, bytes: Buffer, page: number): Meta {
  const own = readU64LE(bytes, 0);
  const flags = bytes.readUInt16LE(FLAGS_AT);
  if (own !== page || flags !== META_FLAG || bytes.readUInt32LE(MAGIC_AT) !== MAGIC) {
    throw file.damage(page, 0, `a meta belongs here: its own number is ${own}, its flags are 0x${flags.toString(16)}`);
  }
  const version = bytes.readUInt32LE(VERSION_AT);
  if (version !== DATA_VERSION) throw file.damage(page, VERSION_AT, `its data format is ${version}`);
  const lastPage = readU64LE(bytes, LAST_PAGE_AT);
  const free = readTableRecord(bytes, FREE_AT);
  const main = readTableRecord(bytes, MAIN_AT);
  if (free.pad !== file.pageSize)
    throw file.damage(page, FREE_AT, `its page size is ${free.pad}, not ${file.pageSize}`);
  if ((free.flags & INTEGER_KEYS) === 0) throw file.damage(page, FREE_AT + 4, 'the tree of free pages has other flags');
  for (const [record, at] of [
    [free, FREE_AT],
    [main, MAIN_AT],
  ] as const) {
    const wrong = wrongInRecord(record, lastPage);
    if (wrong !== undefined) throw file.damage(page, at, wrong);
  }
  if (lastPage < 1) throw file.damage(page, LAST_PAGE_AT, `its last page is ${lastPage}`);
  const meta = { page, txnId: readU64LE(bytes, TXN_ID_AT), lastPage, free, main };
  checkRootOf(file, meta);
  return meta;
}

const rootHeader = Buffer.alloc(PAGE_HEADER_BYTES);

/** Checks that the root that the meta names was written by the transaction that it names. */
function checkRootOf(file: DataFile, { page, txnId, main: { root } }: Meta): void {
  if (root === NO_PAGE) {
    if (txnId === 0) return;
    throw file.damage(page, MAIN_AT, `it is of transaction ${txnId}, but has no tables`);
  }
  file.readPages(rootHeader, root);
  const own = readU64LE(rootHeader, 0);
  const ownTxnId = readU64LE(rootHeader, 8);
  if (own !== root) throw file.damage(root, 0, `its own number is ${own}`);
  if (ownTxnId !== txnId) {
    throw file.damage(
      page,
      TXN_ID_AT,
      `it is of transaction ${txnId}, but its tables, in page ${root}, of ${ownTxnId}`,
    );
  }
}
