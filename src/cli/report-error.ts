// Turns an error that a command has thrown into words for stderr. No other file does.

import { CommanderError } from 'commander';
import { InterruptedError, MvccwError } from '../errors.js';
import { ClosedPipeError } from '../output/terminal/writer.js';

/** Returns lines for stderr, each with its newline; '' when there is nothing to say. */
export function describeError(error: unknown): string {
  // commander has already printed its own errors.
  if (error instanceof CommanderError || error instanceof ClosedPipeError || error instanceof InterruptedError)
    return '';
  if (error instanceof MvccwError) {
    const lines = [`Error: ${error.message}`];
    if (error.cause instanceof Error && !error.message.includes(error.cause.message)) {
      lines.push(`Caused by: ${error.cause.message}`);
    }
    if (error.hint !== undefined) lines.push(`Hint: ${error.hint}`);
    return `${lines.join('\n')}\n`;
  }
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `Error: this is a bug in mvccw, please report it\n${detail}\n`;
}
