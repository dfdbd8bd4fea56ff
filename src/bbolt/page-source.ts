// The port below the bbolt reader: the bytes of one database file, which must not change while they are read.

export interface PageSource {
  readonly sizeBytes: number;
  /**
   * Exactly `length` bytes from `offset` on; only asked for what lies within `sizeBytes`. The buffer is handed out to
   * callers of the reader in slices, so it must never be written to again.
   */
  read(offset: number, length: number): Buffer;
}
