// CRC-32C (Castagnoli), the checksum under hashKV, taken sixteen bytes at a time from as many tables.

const POLYNOMIAL = 0x82f63b78;

// Signed numbers, as the operators below make them, need no conversion.
const TABLES = Array.from({ length: 16 }, () => new Int32Array(256));
for (let byte = 0; byte < 256; byte++) {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? POLYNOMIAL : 0);
  TABLES[0]![byte] = crc;
}
for (let table = 1; table < TABLES.length; table++) {
  for (let byte = 0; byte < 256; byte++) {
    const previous = TABLES[table - 1]![byte]!;
    TABLES[table]![byte] = (previous >>> 8) ^ TABLES[0]![previous & 0xff]!;
  }
}
type EightTables = [Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array];
const [T0, T1, T2, T3, T4, T5, T6, T7] = TABLES as EightTables;
const [T8, T9, T10, T11, T12, T13, T14, T15] = TABLES.slice(8) as EightTables;

/** Continues a checksum over more bytes, or over those from `start` to `end`. Returns an unsigned 32-bit number. */
export function crc32c(bytes: Uint8Array, checksum = 0, start = 0, end = bytes.length): number {
  let crc = ~checksum;
  let at = start;
  for (const last = end - 15; at < last; at += 16) {
    crc ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    crc =
      T15[crc & 0xff]! ^
      T14[(crc >>> 8) & 0xff]! ^
      T13[(crc >>> 16) & 0xff]! ^
      T12[crc >>> 24]! ^
      T11[bytes[at + 4]!]! ^
      T10[bytes[at + 5]!]! ^
      T9[bytes[at + 6]!]! ^
      T8[bytes[at + 7]!]! ^
      T7[bytes[at + 8]!]! ^
      T6[bytes[at + 9]!]! ^
      T5[bytes[at + 10]!]! ^
      T4[bytes[at + 11]!]! ^
      T3[bytes[at + 12]!]! ^
      T2[bytes[at + 13]!]! ^
      T1[bytes[at + 14]!]! ^
      T0[bytes[at + 15]!]!;
  }
  for (; at < end; at++) crc = (crc >>> 8) ^ T0[(crc ^ bytes[at]!) & 0xff]!;
  return ~crc >>> 0;
}
