import { Command } from 'commander';
import type { Context } from '../cli/context.js';

export function statusCommand(_context: Context): Command {
  return new Command('status');
}
