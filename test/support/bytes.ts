// Byte strings of tests: a literal has one char a byte already.

import type { Bytes } from '../../src/bytes/byte-string.js';

export const bytes = (latin1: string): Bytes => latin1 as Bytes;
