// A record's header is what is not its key, its value or its lease: the tags of the fields, the lengths, and the numbers
// that follow from the history.

const LEASE_FIELD = 6;

/** Returns the offsets of the header's bytes. The record must be whole. */
export function headerOffsets(record: Buffer): number[] {
  const offsets: number[] = [];
  let at = 0;
  const varint = (inHeader: boolean): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = record[at]!;
      if (inHeader) offsets.push(at);
      at++;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  };
  while (at < record.length) {
    const tag = varint(true);
    if ((tag & 7) === 2) {
      const length = varint(true);
      at += length;
    } else {
      varint(tag >> 3 !== LEASE_FIELD);
    }
  }
  return offsets;
}
