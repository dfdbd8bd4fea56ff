// Every failure that mvccw expects. The code decides the exit status (src/commands/exit-code.ts), the message says what
// was wrong and where, the hint says what to do about it.

export const ERROR_CODES = [
  'USAGE', // the command line, a watch spec or a scenario makes no sense
  'EXISTS', // the target of a command is already there
  'CORRUPT', // bytes that contradict their format, or each other
  'FORMAT', // not the kind of file or database that was expected, or a newer one
  'COMPACTED', // a revision below the window
  'FUTURE_REVISION', // a revision above the window
  'KEY_NOT_FOUND', // a key whose current value or lease is to be kept
  'LEASE_NOT_FOUND',
  'LEASE_EXISTS',
  'WATCHER_NOT_FOUND',
  'NO_CLOCK', // nothing says when revisions were committed
  'GAP', // entries of a log that lie between what is there
  'FULL', // no revision is left for a write
  'IO', // the operating system refused: no such file, permission, no space, a lock
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

export interface MvccwErrorOptions {
  /** What the user can do about it; one sentence, no full stop needed. */
  hint?: string | undefined;
  cause?: unknown;
}

export class MvccwError extends Error {
  override readonly name = 'MvccwError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, options: MvccwErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
  }

  /** The same failure, told with where it was found. */
  under(place: string): MvccwError {
    return new MvccwError(this.code, `${place}: ${this.message}`, { hint: this.hint, cause: this });
  }
}

/** The signals by which a process is asked to end: its terminal is gone, Ctrl-C, and what `kill` sends. */
export const ENDING_SIGNALS = ['SIGHUP', 'SIGINT', 'SIGTERM'] as const;
export type EndingSignal = (typeof ENDING_SIGNALS)[number];

/** The signal that makes a process look at a lock again. Where it has no handler, the system ignores it. */
export const NUDGE_SIGNAL = 'SIGURG';

/** Listens for a signal to end; returns a function that stops listening. */
export type OnInterrupt = (handler: (signal: EndingSignal) => void) => () => void;

/** Work was given up, and what it had begun was taken back, since the process is asked to end. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError';

  constructor(readonly signal: EndingSignal) {
    super(`interrupted by ${signal}`);
  }
}

/** Puts a name before the message of what `body` throws. */
export function naming<T>(name: string, body: () => T): T {
  try {
    return body();
  } catch (error) {
    throw error instanceof MvccwError ? error.under(name) : error;
  }
}
