// Finds what a meta with one wrong byte was. A step of FNV-1a can be undone, so for each byte there is only one value
// with which the checksum is right, and it is found without trying. The odds that other damage looks like one wrong byte
// are below one in 2^50.

import { fnv64aStates, undoFnv64a } from './fnv.js';
import { CHECKSUM_OFFSET } from './meta.js';

/** Returns the meta, which begins at the magic number, with the one byte changed; undefined if more of it is wrong. */
export function mendOneByte(meta: Buffer): Buffer | undefined {
  const states = fnv64aStates(meta.subarray(0, CHECKSUM_OFFSET));
  const stored = meta.readBigUInt64LE(CHECKSUM_OFFSET);
  if (stored === states[CHECKSUM_OFFSET]) return undefined;
  const mended = Buffer.from(meta);
  if (isOneByte(stored ^ states[CHECKSUM_OFFSET]!)) {
    mended.writeBigUInt64LE(states[CHECKSUM_OFFSET]!, CHECKSUM_OFFSET);
    return mended;
  }
  // The state that there has to be behind the byte at `i`, for the stored checksum to be right.
  let wanted = stored;
  for (let i = CHECKSUM_OFFSET - 1; i >= 0; i--) {
    const before = undoFnv64a(wanted);
    const byte = before ^ states[i]!;
    if (byte < 256n) {
      mended[i] = Number(byte);
      return mended;
    }
    wanted = before ^ BigInt(meta[i]!);
  }
  return undefined;
}

/** Tells whether two numbers with this difference differ in exactly one byte. */
function isOneByte(difference: bigint): boolean {
  let bytes = 0;
  for (let rest = difference; rest > 0n; rest >>= 8n) if ((rest & 0xffn) !== 0n) bytes++;
  return bytes === 1;
}
