// Tells a database or a log that the user has named from the default, and from that of the environment.

import type { Command } from 'commander';
import type { SharedOptions } from './context.js';

/** Returns the path that the user has given with --db; undefined without --db. */
export function givenDatabase(command: Command): string | undefined {
  const typed = command.getOptionValueSourceWithGlobals('db') === 'cli';
  return typed ? command.optsWithGlobals<SharedOptions>().db : undefined;
}

/** Tells whether the user has given --wal. */
export function isLogGiven(command: Command): boolean {
  return command.getOptionValueSourceWithGlobals('wal') === 'cli';
}
