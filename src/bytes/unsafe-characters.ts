// The characters that must not reach a terminal as they are: they steer it, reorder or hide what stands around them, or
// begin a line. Unicode's own classes say which they are: controls (Cc), format characters (Cf), among them all that set
// the direction of text, the separators of lines (Zl) and paragraphs (Zp), and halves of surrogate pairs (Cs).
//
// The joiners U+200C and U+200D are format characters too. Emoji and some scripts need them, but keys that look equal
// and are not would deceive, and terminals disagree about the width of what is joined.

const CLASS = '[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}\\p{Cs}]';

/** Matches each of these characters. */
const UNSAFE = new RegExp(CLASS, 'gu');

/** Matches each of them but the newline, which a message may have. */
export const UNSAFE_IN_LINES = new RegExp(`(?!\\n)${CLASS}`, 'gu');

/** Matches each of them, and the backslash, which begins an escape. */
export const UNSAFE_OR_BACKSLASH = new RegExp(`\\\\|${CLASS}`, 'gu');

const ANY = new RegExp(CLASS, 'u');

export function holdsUnsafe(text: string): boolean {
  return ANY.test(text);
}

/** Returns the escape of a character above ASCII, as Go has it: \uNNNN, or \UNNNNNNNN. */
export function escapePoint(char: string): string {
  const point = char.codePointAt(0)!;
  const digits = point.toString(16);
  return point < 0x10000 ? `\\u${digits.padStart(4, '0')}` : `\\U${digits.padStart(8, '0')}`;
}

/** Returns text as a string of JSON, with nothing in it that steers a terminal. */
export function jsonText(text: string): string {
  const json = JSON.stringify(text);
  return isAscii(json) ? json : json.replace(UNSAFE, escapeUnits);
}

function escapeUnits(char: string): string {
  return Array.from({ length: char.length }, (_, i) => `\\u${char.charCodeAt(i).toString(16).padStart(4, '0')}`).join(
    '',
  );
}

const ASCII = /^[\x20-\x7e]*$/;

/** Tells whether all characters are printable ASCII, which most text is. */
export function isAscii(text: string): boolean {
  return ASCII.test(text);
}
