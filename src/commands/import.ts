import { Command } from 'commander';
import type { Context } from '../cli/context.js';

export function importCommand(_context: Context): Command {
  return new Command('import');
}
