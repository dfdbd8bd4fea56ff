// How the keys of a tree are ordered: those of tables as bytes, those of the tree of free pages as numbers.

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
