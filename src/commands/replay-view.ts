// How much of a replay to print, and how: the options that replay and case share.

import { type Command, Option } from 'commander';
import type { Context, SharedOptions } from '../cli/context.js';
import { MvccwError } from '../errors.js';
import { choosePrinter } from '../output/registry.js';
import { type Detail, REPLAY_PRINTERS, type ReplayPrinter } from '../output/replay/replay-printer.js';
import { timelinePrinter } from '../output/replay/timeline-printer.js';

export interface ViewOptions {
  readonly trace?: true;
  readonly summary?: true;
  readonly timeline?: true;
}

export function addViewOptions(command: Command): Command {
  return command
    .option('--summary', 'print only what each watcher came to, not the responses')
    .addOption(
      new Option('--timeline', 'draw what became of each watcher over time, instead of the responses').conflicts([
        'summary',
        'trace',
      ]),
    )
    .addOption(
      new Option(
        '--trace',
        'also print commits, sync passes and each change of a watcher’s group, with its reason',
      ).conflicts('summary'),
    );
}

/** Throws USAGE for a format that the view does not have. */
export function chooseView(
  { outStyle }: Context,
  { timeline, trace, summary, writeOut }: ViewOptions & SharedOptions,
): { readonly printer: ReplayPrinter; readonly detail: Detail } {
  if (timeline) {
    if (writeOut === 'simple') return { printer: timelinePrinter(outStyle), detail: 'trace' };
    throw new MvccwError('USAGE', `--timeline draws for people, and not as ${writeOut}`, {
      hint: '-w json --summary has how far each watcher was behind over time, as numbers',
    });
  }
  const detail = trace ? 'trace' : summary ? 'summary' : 'responses';
  return { printer: choosePrinter(REPLAY_PRINTERS, writeOut)(outStyle, detail), detail };
}
