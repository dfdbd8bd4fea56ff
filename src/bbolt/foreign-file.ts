// A guess at what a file is that is not bbolt's, for the error that says so.

import type { PageSource } from './page-source.js';

const SNIFFED_BYTES = 32;
const DEFAULT_HINT = 'etcd keeps its database in DATA-DIR/member/snap/db; `etcdctl snapshot save` writes a copy of it';

const KNOWN_FILES: readonly { offset: number; bytes: Buffer; what: string; hint: string }[] = [
  { offset: 0, bytes: Buffer.from([0x1f, 0x8b]), what: 'it is gzip-compressed', hint: 'unpack it first: gunzip' },
  {
    offset: 0,
    bytes: Buffer.from([0x28, 0xb5, 0x2f, 0xfd]),
    what: 'it is zstd-compressed',
    hint: 'unpack it first: unzstd',
  },
  {
    offset: 16,
    bytes: Buffer.from([0xde, 0xc0, 0xef, 0xbe]),
    what: 'it is the data file of an LMDB environment',
    hint: 'give the directory that it is in',
  },
];

export function describeForeignFile(source: PageSource): { what: string; hint: string } {
  if (source.sizeBytes === 0) return { what: 'it is empty', hint: DEFAULT_HINT };
  const head = source.read(0, Math.min(SNIFFED_BYTES, source.sizeBytes));
  for (const { offset, bytes, what, hint } of KNOWN_FILES) {
    if (head.subarray(offset, offset + bytes.length).equals(bytes)) return { what, hint };
  }
  return { what: 'it has neither of the two meta pages that one starts with', hint: DEFAULT_HINT };
}
