import { Command } from 'commander';
import type { Context } from '../cli/context.js';

export function watcherCommand(_context: Context): Command {
  return new Command('watcher');
}
