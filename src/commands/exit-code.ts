// Every way in which a command can end has an exit status. An error code without an exit status does not compile.

import { CommanderError } from 'commander';
import { type EndingSignal, type ErrorCode, InterruptedError, MvccwError } from '../errors.js';
import { ClosedPipeError } from '../output/terminal/writer.js';

export const EXIT = {
  ok: 0,
  /** It worked, and found a problem or a difference. */
  found: 1,
  usage: 2,
  /** The file is not what it claims to be. */
  corrupt: 3,
  /** What was asked for is not there. */
  notThere: 4,
  /** I/O, permission or lock, or no room for what is to be written. */
  io: 5,
  /** mvccw has a bug. */
  bug: 70,
  /** Ended by a signal: 128 and its number. */
  hungUp: 129,
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

const EXIT_BY_ERROR: Readonly<Record<ErrorCode, ExitCode>> = {
  USAGE: EXIT.usage,
  EXISTS: EXIT.usage,
  CORRUPT: EXIT.corrupt,
  FORMAT: EXIT.corrupt,
  COMPACTED: EXIT.notThere,
  FUTURE_REVISION: EXIT.notThere,
  KEY_NOT_FOUND: EXIT.notThere,
  LEASE_NOT_FOUND: EXIT.notThere,
  LEASE_EXISTS: EXIT.usage,
  WATCHER_NOT_FOUND: EXIT.notThere,
  NO_CLOCK: EXIT.notThere,
  GAP: EXIT.notThere,
  FULL: EXIT.io,
  IO: EXIT.io,
};

export const EXIT_BY_SIGNAL: Readonly<Record<EndingSignal, ExitCode>> = {
  SIGHUP: EXIT.hungUp,
  SIGINT: EXIT.interrupted,
  SIGTERM: EXIT.terminated,
};

/** Returns the exit status for an error that a command has thrown. */
export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof MvccwError) return EXIT_BY_ERROR[error.code];
  if (error instanceof InterruptedError) return EXIT_BY_SIGNAL[error.signal];
  if (error instanceof ClosedPipeError) return EXIT.ok;
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  return EXIT.bug;
}
