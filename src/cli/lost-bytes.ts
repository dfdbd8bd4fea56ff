// Node.js gives arguments as text, in which U+FFFD takes the place of bytes that are not UTF-8. An argument may hold a
// U+FFFD of its own, and only its bytes tell the one from the other. Linux shows the bytes of the command line.

import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { LOST_BYTES } from '../commands/arg-bytes.js';

const REPLACEMENT = '\ufffd';

/** Returns the command line of this process, as its bytes; undefined where the system does not show it. */
export function rawCommandLine(): Buffer | undefined {
  try {
    return readFileSync('/proc/self/cmdline');
  } catch {
    return undefined;
  }
}

/**
 * Returns the arguments with LOST_BYTES in place of each U+FFFD that stands for other bytes. Without the bytes of the
 * command line, which has a zero byte behind each argument, each U+FFFD may be one of them.
 */
export function markLostBytes(argv: readonly string[], readRaw: () => Buffer | undefined): string[] {
  if (!argv.some((argument) => argument.includes(REPLACEMENT))) return [...argv];
  const raw = lastPieces(readRaw() ?? Buffer.alloc(0), argv.length);
  const isSame = raw.length === argv.length && raw.every((bytes, i) => bytes.toString('utf8') === argv[i]);
  return argv.map((argument, i) =>
    isSame && isUtf8(raw[i]!) ? argument : argument.replaceAll(REPLACEMENT, LOST_BYTES),
  );
}

function lastPieces(raw: Buffer, count: number): Buffer[] {
  const pieces: Buffer[] = [];
  for (let end = raw.length - 1; end >= 0 && pieces.length < count; ) {
    const begin = raw.lastIndexOf(0, end - 1) + 1;
    pieces.unshift(raw.subarray(begin, end));
    end = begin - 1;
  }
  return pieces;
}
