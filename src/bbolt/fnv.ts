// The 64-bit FNV-1a hash, which bbolt uses as the checksum of a meta.

const OFFSET_BASIS = 0xcbf29ce484222325n;
const PRIME = 0x100000001b3n;
/** PRIME * INVERSE is 1 modulo 2^64. */
const INVERSE = 0xce965057aff6957bn;

export function fnv64a(bytes: Uint8Array): bigint {
  return fnv64aStates(bytes)[bytes.length]!;
}

/** Returns the hash before each byte, and then the hash of all of them. */
export function fnv64aStates(bytes: Uint8Array): bigint[] {
  const states = [OFFSET_BASIS];
  for (const [i, byte] of bytes.entries()) states.push(BigInt.asUintN(64, (states[i]! ^ BigInt(byte)) * PRIME));
  return states;
}

/** Returns the hash before a byte, combined with that byte by XOR, from the hash after it. */
export function undoFnv64a(hash: bigint): bigint {
  return BigInt.asUintN(64, hash * INVERSE);
}
