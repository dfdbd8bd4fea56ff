// PageSource is the port below the bbolt reader: the bytes of one database file, which must not change while they are
// read.

export interface PageSource {
  readonly sizeBytes: number;
  /**
   * Returns exactly `length` bytes from `offset` on. The reader asks only for bytes below `sizeBytes`. It hands out
   * slices of the buffer, so nobody may write to the buffer afterwards.
   */
  read(offset: number, length: number): Buffer;
}
