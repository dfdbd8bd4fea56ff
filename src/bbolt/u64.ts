// Reads and writes little-endian 64-bit integers as numbers. Page ids and sizes are compared with what the file can hold
// before they are used, so it does no harm that a damaged one above 2^53 is rounded.

const TWO_TO_32 = 0x1_0000_0000;

export function readU64LE(bytes: Buffer, offset: number): number {
  return bytes.readUInt32LE(offset + 4) * TWO_TO_32 + bytes.readUInt32LE(offset);
}

/** Writes a safe integer as 8 bytes. */
export function writeU64LE(target: Buffer, value: number, offset: number): void {
  target.writeUInt32LE(value % TWO_TO_32, offset);
  target.writeUInt32LE(Math.floor(value / TWO_TO_32), offset + 4);
}
