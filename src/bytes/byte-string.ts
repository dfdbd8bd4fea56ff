// Keys, and everything that is printed, are byte strings: strings of one char a byte (latin-1), so that the order of
// strings is the order of bytes. Text beyond ASCII, such as a name, is not a byte string.

declare const BYTES: unique symbol;

/**
 * A byte string that is marked as one, so that text cannot take its place. Requests are made of it. Only functions that
 * turn text into bytes, or read bytes, return it. The keys of the store are byte strings without the mark.
 */
export type Bytes = string & { readonly [BYTES]: never };

/** Returns text as a byte string. Most text is ASCII, and is a byte string already. */
export function utf8(text: string): Bytes {
  if (Buffer.byteLength(text, 'utf8') === text.length) return text as Bytes;
  return bytesOf(Buffer.from(text, 'utf8'));
}

/** Returns a byte string as text. Bytes that are not UTF-8 become U+FFFD. */
export function fromUtf8(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

/** Returns the base64 of a byte string. */
export function base64(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('base64');
}

export function fromBase64(text: string): Bytes {
  return bytesOf(Buffer.from(text, 'base64'));
}

/** Returns the bytes of a buffer. */
export function bytesOf(buffer: Buffer): Bytes {
  return buffer.toString('latin1') as Bytes;
}

/** Returns a part of a byte string. */
export function sliceBytes(bytes: Bytes, begin: number, end?: number): Bytes {
  return bytes.slice(begin, end) as Bytes;
}
