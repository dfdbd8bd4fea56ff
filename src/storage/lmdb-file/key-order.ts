// How the keys of a tree are ordered: those of tables as bytes, those of the tree of free pages as numbers.

/** A key that lies within other bytes. A scan makes many of these, and a Buffer costs far more to make. */
export interface KeyAt {
  readonly bytes: Buffer;
  readonly at: number;
  readonly length: number;
}

export function keyBytes({ bytes, at, length }: KeyAt): Buffer {
  return bytes.subarray(at, at + length);
}

/** Compares two keys, each given by the bytes around it, where it begins and how long it is. */
export type CompareKeys = (a: Buffer, aAt: number, aLength: number, b: Buffer, bAt: number, bLength: number) => number;

export const compareBytes: CompareKeys = (a, aAt, aLength, b, bAt, bLength) => {
  const length = Math.min(aLength, bLength);
  for (let i = 0; i < length; i++) {
    const difference = a[aAt + i]! - b[bAt + i]!;
    if (difference !== 0) return difference;
  }
  return aLength - bLength;
};

/** Compares numbers of 8 bytes, the lowest first. */
export const compareNumbers: CompareKeys = (a, aAt, _aLength, b, bAt) => {
  for (let i = 7; i >= 0; i--) {
    const difference = a[aAt + i]! - b[bAt + i]!;
    if (difference !== 0) return difference;
  }
  return 0;
};

/** Tells whether a key of a table comes behind another. */
export function isAbove(key: Buffer, { bytes, at, length }: KeyAt): boolean {
  return compareBytes(key, 0, key.length, bytes, at, length) > 0;
}

/** Tells whether a key of a table comes before another. */
export function isBelow(key: Buffer, { bytes, at, length }: KeyAt): boolean {
  return compareBytes(key, 0, key.length, bytes, at, length) < 0;
}
