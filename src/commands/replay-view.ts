// The options that replay and case share: how much of a replay is printed, and in which form.

import { type Command, Option } from 'commander';
import { MvccwError } from '../errors.js';
import { choosePrinter } from '../output/formats/registry.js';
import type { Detail, ReplayPrinterMaker } from '../output/replay/replay-printer.js';
import { REPLAY_PRINTERS } from '../output/replay/replay-printers.js';
import { timelinePrinter } from '../output/replay/timeline-printer.js';
import type { SharedOptions } from './context.js';

export interface ViewOptions {
  readonly trace?: true;
  readonly summary?: true;
  readonly timeline?: true;
}

export const VIEW_FLAGS = ['summary', 'timeline', 'trace'];

export function addViewOptions(command: Command): Command {
  return command
    .option('--summary', 'print only what each watcher came to')
    .addOption(new Option('--timeline', 'draw what became of each watcher over time').conflicts(['summary', 'trace']))
    .addOption(
      new Option(
        '--trace',
        'print the responses, and commits, sync passes and each change of a watcher’s group, with its reason',
      ).conflicts('summary'),
    );
}

/**
 * Returns the printer and the detail that the options ask for; `usual` is the detail without any. Throws USAGE for a
 * format that the view does not have.
 */
export function chooseView(
  { timeline, trace, summary, writeOut }: ViewOptions & SharedOptions,
  usual: Detail,
): { readonly printer: ReplayPrinterMaker; readonly detail: Detail } {
  if (timeline) {
    // A timeline is drawn from the whole trace.
    if (writeOut === 'simple') return { printer: timelinePrinter, detail: 'trace' };
    throw new MvccwError('USAGE', `--timeline draws for people, and not as ${writeOut}`, {
      hint: '-w json --summary has how far each watcher was behind over time, as numbers',
    });
  }
  if (trace && writeOut === 'table') {
    throw new MvccwError('USAGE', '--trace has no tables', {
      hint: 'without --trace, tables tell what each watcher came to; a trace is written with -w simple, json or fields',
    });
  }
  const detail = trace ? 'trace' : summary ? 'summary' : usual;
  return { printer: choosePrinter(REPLAY_PRINTERS, writeOut), detail };
}
