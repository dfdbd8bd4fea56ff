// Tells a database that the user has named from the default.

import type { Command } from 'commander';
import type { SharedOptions } from './context.js';

/** Returns the path that the user has given with --db; undefined without --db. */
export function givenDatabase(command: Command): string | undefined {
  const typed = command.getOptionValueSourceWithGlobals('db') === 'cli';
  return typed ? command.optsWithGlobals<SharedOptions>().db : undefined;
}
