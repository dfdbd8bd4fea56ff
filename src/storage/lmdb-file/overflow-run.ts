// The data of a large entry lie in a run of pages of their own, behind one header. The entry's node says where, of which
// transaction, and in how many pages; the header says the same.

import { readU64LE } from '../../bbolt/u64.js';
import type { DataFile } from './data-file.js';

/** The header of each page: its number, its transaction, its flags, and what depends on its kind. */
export const PAGE_HEADER_BYTES = 24;
export const TXN_ID_AT = 8;
export const FLAGS_AT = 18;
const RUN_LENGTH_AT = 20;
const OVERFLOW = 4;

export interface OverflowRun {
  readonly firstPage: number;
  readonly pages: number;
  readonly txnId: number;
  readonly sizeBytes: number;
}

const header = Buffer.alloc(PAGE_HEADER_BYTES);

/** Throws CORRUPT if the header of a run contradicts the node that points to it. */
export function checkOverflowHeader(file: DataFile, { firstPage, pages, txnId }: OverflowRun): void {
  file.readPages(header, firstPage);
  const damage = (at: number, what: string) => file.damage(firstPage, at, what);
  const own = readU64LE(header, 0);
  const flags = header.readUInt16LE(FLAGS_AT);
  const ownTxnId = readU64LE(header, TXN_ID_AT);
  const ownPages = header.readUInt32LE(RUN_LENGTH_AT);
  if (own !== firstPage) throw damage(0, `its own number is ${own}`);
  if (flags !== OVERFLOW) {
    throw damage(FLAGS_AT, `its flags are 0x${flags.toString(16)}, where the data of a large entry belong`);
  }
  if (ownTxnId !== txnId) {
    throw damage(TXN_ID_AT, `it is of transaction ${ownTxnId}, but what points to it says ${txnId}`);
  }
  if (ownPages !== pages) {
    throw damage(RUN_LENGTH_AT, `it begins ${ownPages} pages, but what points to it says ${pages}`);
  }
}
