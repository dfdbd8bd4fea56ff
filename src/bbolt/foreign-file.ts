// Recognises files that are not bbolt's by their first bytes, for the error that refuses them.

import type { PageSource } from './page-source.js';

/** Enough for the mark of a tar archive, which lies farthest behind the start. */
const SNIFFED_BYTES = 512;
const DEFAULT_HINT = 'etcd keeps its database in DATA-DIR/member/snap/db; `etcdctl snapshot save` writes a copy of it';

interface ForeignFile {
  readonly what: string;
  readonly hint: string;
}

interface KnownFile extends ForeignFile {
  readonly offset: number;
  /** In hexadecimal. */
  readonly bytes: string;
}

const packed = (offset: number, bytes: string, what: string, tool: string): KnownFile => {
  return { offset, bytes, what, hint: `unpack it first: ${tool}` };
};

const KNOWN_FILES: readonly KnownFile[] = [
  packed(0, '1f8b', 'it is gzip-compressed more than once', 'gunzip'),
  packed(0, '28b52ffd', 'it is zstd-compressed', 'unzstd'),
  packed(0, 'fd377a585a00', 'it is xz-compressed', 'unxz'),
  packed(0, '425a68', 'it is bzip2-compressed', 'bunzip2'),
  packed(0, '04224d18', 'it is lz4-compressed', 'unlz4'),
  packed(0, '504b0304', 'it is a zip archive', 'unzip'),
  packed(0, '504b0506', 'it is an empty zip archive', 'unzip'),
  packed(0, '377abcaf271c', 'it is a 7z archive', '7z x'),
  packed(257, '7573746172', 'it is a tar archive', 'tar -x'),
  {
    offset: 16,
    bytes: 'dec0efbe',
    what: "it is the data file of an LMDB environment in stock LMDB's data format 1",
    hint: 'mvccw reads databases of its own, which are in data format 2, and etcd files',
  },
  {
    offset: 24,
    bytes: 'dec0efbe',
    what: 'it is the data file of an LMDB environment',
    hint: 'give the directory that it is in',
  },
  {
    offset: 0,
    bytes: Buffer.from('SQLite format 3\0').toString('hex'),
    what: 'it is an SQLite database, as kine keeps one',
    hint: DEFAULT_HINT,
  },
];

const WRITE_AHEAD_LOG: ForeignFile = {
  what: "it is a segment of etcd's write-ahead log",
  hint: 'the database of that server is in the file snap/db beside the directory wal',
};
const V2_SNAPSHOT: ForeignFile = {
  what: 'it is a .snap file, in which etcd keeps its v2 store and the members of the cluster, not its keys',
  hint: 'the database of that server is the file db in the same directory',
};

export function describeForeignFile(source: PageSource): ForeignFile {
  if (source.sizeBytes === 0) return { what: 'it is empty', hint: DEFAULT_HINT };
  const head = source.read(0, Math.min(SNIFFED_BYTES, source.sizeBytes));
  for (const { offset, bytes, what, hint } of KNOWN_FILES) {
    if (head.toString('hex', offset, offset + bytes.length / 2) === bytes) return { what, hint };
  }
  if (isWriteAheadLog(head)) return WRITE_AHEAD_LOG;
  if (isV2Snapshot(head, source.sizeBytes)) return V2_SNAPSHOT;
  if (isText(head)) return { what: 'it is a text file', hint: DEFAULT_HINT };
  return { what: 'it has neither of the two meta pages that one starts with', hint: DEFAULT_HINT };
}

/**
 * Tells a segment of the log, which begins with a record of type 4, the checksum of the segment before. The record is
 * a length of 8 bytes, the highest of which says how it is padded, and the message {1: 4, 2: checksum}.
 */
function isWriteAheadLog(head: Buffer): boolean {
  const lengthIsSmall = head[0]! < 16 && head.subarray(1, 7).every((byte) => byte === 0);
  return lengthIsSmall && head.toString('hex', 8, 11) === '080410';
}

/** Tells a .snap file, which is the message {1: checksum, 2: contents} and nothing else. */
function isV2Snapshot(head: Buffer, sizeBytes: number): boolean {
  if (head[0] !== 0x08) return false;
  const checksum = readVarint(head, 1);
  if (checksum === undefined || head[checksum.end] !== 0x12) return false;
  const length = readVarint(head, checksum.end + 1);
  return length !== undefined && length.end + length.value === sizeBytes;
}

const MAX_VARINT_BYTES = 5;

function readVarint(bytes: Buffer, start: number): { value: number; end: number } | undefined {
  let value = 0;
  for (let i = 0; i < MAX_VARINT_BYTES; i++) {
    const byte = bytes[start + i];
    if (byte === undefined) return undefined;
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return { value, end: start + i + 1 };
  }
  return undefined;
}

function isText(head: Buffer): boolean {
  return head.every((byte) => (byte >= 0x20 && byte < 0x7f) || (byte >= 0x09 && byte <= 0x0d));
}
