// A range of keys in a table of bytes.

/** Keys in byte order: from `gte` (or the first) up to, but not including, `lt` (or the end). */
export interface ByteRange {
  readonly gte?: Buffer;
  readonly lt?: Buffer;
}
