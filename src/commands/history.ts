// mvccw history: all that is retained of a key or of a range of keys.

import type { Command } from 'commander';
import { FIRST_CHANGE, keyHistory } from '../inspect/history/key-history.js';
import { checkHex, choosePrinter } from '../output/formats/registry.js';
import { type Detail, HISTORY_PRINTERS } from '../output/history/history-printer.js';
import { valueOptions, valueTeller } from '../output/kube/choose-teller.js';
import { helpText } from '../output/terminal/help-text.js';
import { ETCDCTL_WORDS } from '../requests/etcdctl-words.js';
import { rangeOf, usage } from '../requests/range-options.js';
import { provenanceOf } from '../storage/provenance.js';
import { keyBytes } from './arg-bytes.js';
import { askedClock, shownClock } from './clock-options.js';
import type { Context, SharedOptions } from './context.js';
import { hinting, readDatabase } from './read-database.js';
import { addRevisionOptions, compactedText, noHistory, type RevisionOptions, revisionsOf } from './revision-options.js';

const HELP = `
Prints each put and each deletion that is retained, the oldest first: its revision, the generation (the number of the
key's life: a deletion ends one), version, the revision at which the key was created, lease, size, and what has changed
in the value since the record before. Objects of Kubernetes and JSON are compared by their fields, text by lines, and
other bytes by size and hash; --decode raw compares all text by lines. What is secret is not shown.

Compaction takes old revisions away. Where the record before is gone, this is said, and the value is shown as it is.
Lives that ended before the window are not counted: generation 1 is the first one of which something is left.

Of a data directory, whose log tells it, the request behind each record is printed too: its user, the member that it was
sent to, and its place in the log. "mvccw blame" tells that alone, and what else is known of who wrote.

An etcd file has no index: all of it is read, and with --reverse before the first line is printed.

Examples:
  mvccw history /config/colour
  mvccw history /registry/pods/ --prefix --db snapshot.db --stat
  mvccw history / --prefix --reverse --limit 20 --no-diff        the newest changes
  mvccw history / --prefix --from-rev 100 --to-rev 200
  mvccw history /registry/ --prefix --from-time 12:03 --to-time 12:05 --clock
  mvccw history /config/colour -w json |
    jq -r 'select(.type == "PUT") | .kv.value // "" | @base64d'`;

interface Options extends SharedOptions, RevisionOptions {
  readonly stat?: boolean;
  /** False with --no-diff. */
  readonly diff: boolean;
}

export function defineHistory(command: Command, context: Context): void {
  addRevisionOptions(command)
    .option('--stat', 'only count what has changed in a value')
    .option('--no-diff', 'leave out what has changed in a value')
    .addHelpText('after', helpText(HELP))
    .action(async (key: string, end: string | undefined) => {
      await run(context, command.optsWithGlobals<Options>(), key, end);
    });
}

async function run(context: Context, options: Options, key: string, end: string | undefined): Promise<void> {
  const { out, outStyle, io } = context;
  const { writeOut, reverse = false, limit } = options;
  if (options.stat && !options.diff) throw usage('`--stat` and `--no-diff` cannot be set at the same time, choose one');
  const values = valueOptions(options, 'auto');
  const hex = values.decode === 'hex';
  const detail: Detail = options.diff ? (options.stat ? 'stat' : 'all') : 'none';
  const makePrinter = choosePrinter(HISTORY_PRINTERS, writeOut);
  checkHex(writeOut, hex);
  const teller = await valueTeller(values);
  const range = rangeOf(keyBytes(key), { ...options, end: keyBytes(end) }, ETCDCTL_WORDS);
  await readDatabase(context, options, async (database) => {
    const { store, lmdb } = database;
    const clock = await askedClock(context, options, database);
    const { fromRev, toRev } = revisionsOf(store, options, clock);
    const source = { store, indexed: lmdb !== undefined };
    const livesFrom = store.compactRev > FIRST_CHANGE ? store.compactRev : undefined;
    const provenance = provenanceOf(database, io.now());
    const printer = makePrinter({
      ...outStyle,
      detail,
      hex,
      teller,
      livesFrom,
      provenance,
      clock: shownClock(clock, options),
    });
    const withBefore = detail !== 'none' && writeOut !== 'table';
    let count = 0;
    for (const entry of keyHistory(source, { range, fromRev, toRev, limit, reverse, withBefore })) {
      await out.write(printer.entry(entry));
      count++;
    }
    if (count === 0) throw noHistory(store, options, { fromRev, toRev });
    await out.write(printer.end());
    if (livesFrom !== undefined) await hinting(context)(compactedText(livesFrom));
  });
}
