import { Command } from 'commander';
import type { Context } from '../cli/context.js';

export function hashCommand(_context: Context): Command {
  return new Command('hash');
}
