// PageSink is the port below the bbolt writer: the place where the bytes of a new file go.

export interface PageSink {
  /** Takes the bytes, which are written to again afterwards. No byte is written twice. */
  write(offset: number, bytes: Buffer): void;
}
