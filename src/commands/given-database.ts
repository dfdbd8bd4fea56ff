// Whether a database was asked for, or only a default stands in.

import type { Command } from 'commander';
import type { SharedOptions } from './context.js';

/** What --db names, where it was typed. */
export function givenDatabase(command: Command): string | undefined {
  const typed = command.getOptionValueSourceWithGlobals('db') === 'cli';
  return typed ? command.optsWithGlobals<SharedOptions>().db : undefined;
}
