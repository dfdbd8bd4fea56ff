// mvccw when: when was a revision committed, and which one was the newest at a time?

import type { Command } from 'commander';
import { clockFacts } from '../inspect/clock/clock-facts.js';
import { timeOfMoment, whenRevision, whenRevisions, whichRevision } from '../inspect/clock/when.js';
import { checkHex, choosePrinter } from '../output/formats/registry.js';
import { valueOptions } from '../output/kube/choose-teller.js';
import { helpText } from '../output/terminal/help-text.js';
import { WHEN_PRINTERS } from '../output/when-printer.js';
import { type Asked, parseAsked } from '../requests/moment.js';
import { argText } from './arg-bytes.js';
import { openTimes, type TimesOption, timesOption } from './clock-options.js';
import type { Context, SharedOptions } from './context.js';
import { readDatabase } from './read-database.js';

const HELP = `
etcd does not keep the time of a commit, but objects of Kubernetes name times that were read right before one: the renewTime
of a Lease, to the microsecond; creationTimestamp and the times in managedFields, in whole seconds. Such a time bounds
the revision that holds it, which came later, and the one that its writer had read, which was there already. As commits follow
one another, all revisions between are bounded too. Within the bounds, the likeliest time is printed.

A log, or a list of revisions and times, can say it too: --times, and "mvccw help clocks".

A clock that contradicts most of the others is wrong, and its times are not used. Without an argument, the clock as a whole
is described: how far it reaches, how exact it is, and which clocks are wrong.

A revision is a number, and A..B many of them; a time is in RFC 3339, or 12:03:07 in UTC where only one day is meant. The exit
status is 4 for a revision or a time outside the window, and if nothing says when revisions were committed.

Examples:
  mvccw when --db snapshot.db                       how exact is it?
  mvccw when 940 --db snapshot.db                   when was revision 940, and what says so?
  mvccw when 12:03:07 --db snapshot.db              which revision was the newest then?
  mvccw when 2026-11-28T13:03:07+01:00 -w json | jq .revision
  mvccw when --times log:etcd.log                   by the log of a server
  mvccw when 900..950 -w json | jq -r '[.revision, .time] | @csv'`;

const ARGUMENT_HINT = 'revisions and times have no other bytes';

export function defineWhen(command: Command, context: Context): void {
  command
    .argument('[asked...]', 'revisions, A..B for all between, or times; default: what the clock as a whole is worth')
    .addOption(timesOption())
    .addHelpText('after', helpText(HELP))
    .action(async (asked: readonly string[]) => {
      const texts = asked.map((text) => argText(text, ARGUMENT_HINT));
      await run(context, command.optsWithGlobals<Options>(), texts.map(parseAsked));
    });
}

interface Options extends SharedOptions, TimesOption {}

async function run(context: Context, options: Options, asked: readonly Asked[]): Promise<void> {
  const { out, outStyle } = context;
  const hex = valueOptions(options, 'raw').decode === 'hex';
  checkHex(options.writeOut, hex);
  const printer = choosePrinter(WHEN_PRINTERS, options.writeOut)({ ...outStyle, hex });
  await readDatabase(context, options, async (database) => {
    const { store } = database;
    const clock = await openTimes(options, database);
    if (asked.length === 0) await out.write(printer.facts(clockFacts(clock, store)));
    for (const one of asked) {
      if ('moment' in one) {
        await out.write(printer.newest(whichRevision(clock, store, timeOfMoment(clock, one.moment))));
      } else if ('revision' in one) {
        await out.write(printer.when(whenRevision(clock, store, one.revision || store.currentRev)));
      } else {
        for (const time of whenRevisions(clock, store, one.from, one.to)) await out.write(printer.time(time));
      }
    }
  });
}
