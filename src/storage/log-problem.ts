// What is wrong with a log ends a command: what it has told up to there is right, and yet not all, or not sure.

import { MvccwError } from '../errors.js';

/** A log of which something may be wrong. */
export interface SuspectLog {
  readonly directory: string;
  readonly window: { readonly problem: string | undefined };
  /** How the database is read without it: "with --compacted". Undefined if there is none. */
  readonly without: string | undefined;
}

/** The errors for something that may only be missing because something is wrong with the log. */
const MISSING: readonly string[] = ['COMPACTED', 'FUTURE_REVISION', 'KEY_NOT_FOUND', 'LEASE_NOT_FOUND'];

/** Runs `body`, and then throws CORRUPT if something is wrong with the log. */
export async function endingIn<T>(log: SuspectLog | undefined, body: () => Promise<T>): Promise<T> {
  const problem = log?.window.problem;
  if (log === undefined || problem === undefined) return body();
  try {
    await body();
  } catch (error) {
    if (!(error instanceof MvccwError) || !MISSING.includes(error.code)) throw error;
    throw new MvccwError('CORRUPT', `${error.message}; ${log.directory}: ${problem}`, {
      hint: error.hint,
      cause: error,
    });
  }
  throw new MvccwError('CORRUPT', `${log.directory}: ${problem}`, {
    hint: log.without && `${log.without}, the database is read without the log`,
  });
}

/**
 * Throws CORRUPT if something is wrong with a log: what is made of it would not tell. `doneTo` says what the command does
 * to a database: "exported".
 */
export function refuseProblem(log: SuspectLog | undefined, doneTo: string): void {
  const problem = log?.window.problem;
  if (log === undefined || problem === undefined) return;
  throw new MvccwError('CORRUPT', `${log.directory}: ${problem}`, {
    hint: log.without && `${log.without}, the database is ${doneTo} without the log`,
  });
}
