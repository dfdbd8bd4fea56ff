// Keys in messages: quoted, with nothing in them that could steer a terminal.

/** DEL and C1 controls, and what reorders or hides text; JSON leaves these as they are. */
const UNSAFE = /[\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** A key, or any byte string, in double quotes. */
export function quoteKey(latin1: string): string {
  return quoteText(Buffer.from(latin1, 'latin1').toString('utf8'));
}

/** Text in double quotes. */
export function quoteText(text: string): string {
  return JSON.stringify(text).replace(UNSAFE, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
