// This module makes byte strings for tests: a literal already has one char per byte.

import type { Bytes } from '../../src/bytes/byte-string.js';

export const bytes = (latin1: string): Bytes => latin1 as Bytes;
