// This module computes CRC-32C bit by bit, straight from its definition, and makes keys that collide in it.

export function slowCrc32c(bytes: Uint8Array, checksum = 0): number {
  let crc = ~checksum;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  return ~crc >>> 0;
}

/** Returns `prefix` with four bytes appended that give the whole the checksum `checksum`. */
export function withChecksum(prefix: string, checksum: number): string {
  const start = slowCrc32c(Buffer.from(prefix, 'latin1'));
  const suffix = (bits: number): Buffer => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(bits >>> 0);
    return bytes;
  };
  const zero = slowCrc32c(suffix(0), start);
  // The checksum is linear in the suffix's bits. Their columns are brought into echelon form, then solved for the rest.
  const pivots = new Map<number, { column: number; bits: number }>();
  for (let bit = 0; bit < 32; bit++) {
    let bits = 1 << bit;
    let column = slowCrc32c(suffix(bits), start) ^ zero;
    for (let pivot = pivots.get(Math.clz32(column)); pivot !== undefined; pivot = pivots.get(Math.clz32(column))) {
      column ^= pivot.column;
      bits ^= pivot.bits;
    }
    pivots.set(Math.clz32(column), { column, bits });
  }
  let rest = zero ^ checksum;
  let bits = 0;
  while (rest !== 0) {
    const pivot = pivots.get(Math.clz32(rest))!;
    rest ^= pivot.column;
    bits ^= pivot.bits;
  }
  return prefix + suffix(bits).toString('latin1');
}
