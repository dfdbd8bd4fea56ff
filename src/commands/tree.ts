import { Command } from 'commander';
import type { Context } from '../cli/context.js';

export function treeCommand(_context: Context): Command {
  return new Command('tree');
}
