// Byte strings: keys, and all that is printed, as strings of one char a byte (latin-1), so that the order of strings is
// the order of bytes. Text beyond ASCII, a name for example, is none.

declare const BYTES: unique symbol;

/**
 * A byte string that is marked as one, so that text cannot take its place: what a request is made of. Only what turns text
 * into bytes, or reads bytes, makes it. The store and what it returns have byte strings only, without the mark.
 */
export type Bytes = string & { readonly [BYTES]: never };

/** Text as a byte string. Nearly all of it is ASCII, and is one already. */
export function utf8(text: string): Bytes {
  if (Buffer.byteLength(text, 'utf8') === text.length) return text as Bytes;
  return bytesOf(Buffer.from(text, 'utf8'));
}

/** A byte string as text; what is not UTF-8 becomes U+FFFD. */
export function fromUtf8(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

/** A byte string as base64. */
export function base64(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('base64');
}

export function fromBase64(text: string): Bytes {
  return bytesOf(Buffer.from(text, 'base64'));
}

/** The bytes of a buffer. */
export function bytesOf(buffer: Buffer): Bytes {
  return buffer.toString('latin1') as Bytes;
}

/** A part of a byte string. */
export function sliceBytes(bytes: Bytes, begin: number, end?: number): Bytes {
  return bytes.slice(begin, end) as Bytes;
}
