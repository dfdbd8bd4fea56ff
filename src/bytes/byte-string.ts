// Byte strings: keys, and all that is printed, as strings of one char a byte (latin-1), so that the order of strings is
// the order of bytes. Text beyond ASCII, a name for example, is none.

/** Text as a byte string. Nearly all of it is ASCII, and is one already. */
export function utf8(text: string): string {
  if (Buffer.byteLength(text, 'utf8') === text.length) return text;
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** A byte string as text; what is not UTF-8 becomes U+FFFD. */
export function fromUtf8(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

/** A byte string as base64. */
export function base64(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('base64');
}

export function fromBase64(text: string): string {
  return Buffer.from(text, 'base64').toString('latin1');
}
