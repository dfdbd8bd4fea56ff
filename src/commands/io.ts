// A command may touch its streams, its environment, the clock and signals. They are passed in, so that tests run whole
// commands without a process.

import type { Readable, Writable } from 'node:stream';
import type { OnInterrupt } from '../errors.js';

/** An output stream. A terminal has `isTTY` and its width. */
type OutputStream = Writable & { readonly isTTY?: boolean; readonly columns?: number };

export interface Io {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Returns the time in ms since 1970. */
  now(): number;
  /** While somebody listens, a signal does not end the process by itself. */
  readonly onInterrupt: OnInterrupt;
}
