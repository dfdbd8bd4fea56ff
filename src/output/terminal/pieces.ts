// Joins output to pieces, because a response may hold more than one string can.

const PIECE_CHARS = 64 * 1024;

/** Yields the strings, joined to pieces of about 64 KiB. */
export function* inPieces(strings: Iterable<string>): Iterable<string> {
  let piece = '';
  for (const string of strings) {
    piece += string;
    if (piece.length < PIECE_CHARS) continue;
    yield piece;
    piece = '';
  }
  if (piece !== '') yield piece;
}
