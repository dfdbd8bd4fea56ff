// mvccw undelete: bring deleted keys back.

import type { Command } from 'commander';
import { MvccwError } from '../errors.js';
import type { RecordSource } from '../inspect/history/key-history.js';
import { MAX_TXN_OPS } from '../inspect/undelete/parts.js';
import { planUndelete, type UndeletePlan, type UndeleteRequest } from '../inspect/undelete/plan.js';
import { partOf, restorations, undelete } from '../inspect/undelete/restore.js';
import { choosePrinter } from '../output/formats/registry.js';
import { helpText } from '../output/terminal/help-text.js';
import { planHints, TransactionHints } from '../output/undelete/undelete-hints.js';
import { UNDELETE_PRINTERS, UNDELETED_PRINTERS } from '../output/undelete/undelete-printer.js';
import { ETCDCTL_WORDS } from '../requests/etcdctl-words.js';
import { parseNumberFlag } from '../requests/option-values.js';
import { type RangeOptions, rangeOf } from '../requests/range-options.js';
import { RANGE_OPTIONS } from '../requests/request-options.js';
import { withWritableDatabase } from '../storage/database.js';
import { keyBytes } from './arg-bytes.js';
import { type AtTime, addAtTime, revisionAtTime } from './clock-options.js';
import type { Context, SharedOptions } from './context.js';
import { EXIT, type ExitCode } from './exit-code.js';
import { hinting, readDatabase } from './read-database.js';
import { addRequestOptions } from './request-options.js';

const HELP = `
Prints a transaction that brings back what was deleted. "etcdctl txn" takes its text from stdin as it is, and so does
"mvccw txn". It holds the values as they were stored, those of Secrets too. A comparison for each key makes sure that
nothing newer is overwritten: if one of the keys has been put again meanwhile, nothing is changed.

Without --at, each key of the range that is deleted now gets the value that it had right before its newest deletion.
With --at, each key that is deleted now and was there at that revision gets the value that it had then. A key that is
there now is left alone, unless --overwrite asks for its value at that revision too; nothing is ever deleted.

A value that compaction has taken cannot be brought back. Such a key is named on stderr as long as its deletion is
retained, and the exit status is 1, or 4 if there is nothing to bring back.

Keys are put without a lease. A lease that a key had may be gone, and a transaction with such a lease fails: --keep-lease
attaches the keys to the leases that they had.

A server of etcd takes ${MAX_TXN_OPS} requests in a transaction, and 1.5 MiB, unless it is told otherwise (--max-txn-ops,
--max-request-bytes). A larger transaction is printed whole, with a hint; --part 1, --part 2, … print parts of it that
any server takes, each a transaction of its own. The parts are of what is deleted when they are printed: from a database
that the transactions change, print all parts before the first one is run.

--apply runs the transaction in our own database instead of printing it.

Examples:
  mvccw undelete /config/colour --db snapshot.db | etcdctl txn
  mvccw undelete /registry/configmaps/prod/ --prefix --db snapshot.db > txn.txt
  mvccw undelete /registry/ --prefix --at 1200 -w table     what would come back
  mvccw undelete /registry/ --prefix --at-time 12:03:07 --db /var/lib/etcd
  mvccw undelete /config/colour --at 42 --overwrite --apply
  for part in 1 2 3; do
    mvccw undelete / --prefix --part $part --db snapshot.db | etcdctl txn
  done
  mvccw undelete / --prefix -w json |
    jq -r 'select(.kind == "undelete-lost") | .key | @base64d'`;

interface Options extends SharedOptions, RangeOptions, AtTime {
  readonly at?: number;
  readonly overwrite?: boolean;
  readonly keepLease?: boolean;
  readonly part?: number;
  readonly apply?: boolean;
}

const number =
  (name: string, minimum: number) =>
  (text: string): number =>
    parseNumberFlag(text, name, minimum);

export function defineUndelete(command: Command, context: Context): void {
  addAtTime(command, 'as --at, the newest revision at this time', 'at');
  addRequestOptions(command, RANGE_OPTIONS)
    .argument('<key>', 'the key, or where the range begins')
    .argument('[range_end]', 'where the range ends; this key is no longer in it')
    .option('--at <rev>', 'bring back what was there at this revision', number('--at', 1))
    .option('--overwrite', 'with --at: also the value of keys that are there now, if it was another one')
    .option('--keep-lease', 'attach each key to the lease that it had')
    .option('--part <n>', 'print only this part, from 1, of a transaction that is too large', number('--part', 1))
    .option('--apply', 'run the transaction in our own database instead of printing it')
    .addHelpText('after', helpText(HELP))
    .action(async (key: string, end: string | undefined) => {
      const options = command.optsWithGlobals<Options>();
      checkOptions(options);
      const range = rangeOf(keyBytes(key), { ...options, end: keyBytes(end) }, ETCDCTL_WORDS);
      await run(context, options, { range, at: options.at, overwrite: options.overwrite });
    });
}

function checkOptions({ at, atTime, times, overwrite, apply, part }: Options): void {
  if (apply && (atTime !== undefined || times !== undefined)) {
    throw new MvccwError('USAGE', '--at-time is not for --apply', {
      hint: 'mvccw when TIME tells the revision for --at',
    });
  }
  if (overwrite && at === undefined && atTime === undefined) {
    throw new MvccwError('USAGE', '--overwrite needs a revision', { hint: 'give the revision with --at' });
  }
  if (apply && part !== undefined) {
    throw new MvccwError('USAGE', '--part is not for --apply, which brings back all at once');
  }
}

async function run(context: Context, options: Options, request: UndeleteRequest): Promise<void> {
  const { db, apply = false, keepLease = false, writeOut } = options;
  choosePrinter(UNDELETE_PRINTERS, writeOut);
  if (!apply) {
    await readDatabase(context, options, async (database) => {
      const { store, lmdb } = database;
      const source = { store, indexed: lmdb !== undefined };
      const at = (await revisionAtTime(context, options, database)) ?? request.at;
      await printPlan(context, source, planUndelete(source, { ...request, at }), { ...request, at }, options);
    });
    return;
  }
  const open = { create: false, now: context.io.now };
  await withWritableDatabase(
    db,
    async ({ store }) => {
      const { plan, revision } = undelete(store, request, { keepLease });
      await printPlan(context, { store, indexed: true }, plan, request, options, revision);
    },
    open,
  );
}

async function printPlan(
  context: Context,
  source: RecordSource,
  plan: UndeletePlan,
  request: UndeleteRequest,
  options: Options,
  revision?: number,
): Promise<void> {
  const { out, outStyle } = context;
  const { keepLease = false, part, apply = false, writeOut } = options;
  const printer = choosePrinter(apply ? UNDELETED_PRINTERS : UNDELETE_PRINTERS, writeOut)(outStyle);
  const restorable = part === undefined ? plan.restorable : partOf(source, plan.restorable, part);
  const hints = new TransactionHints();
  for (const item of restorable) await out.write(printer.compare(item));
  for (const put of restorations(source, restorable, { keepLease })) {
    hints.see(put);
    await out.write(printer.put(put));
  }
  for (const lost of plan.lost) await out.write(printer.lost(lost));
  await out.write(printer.end({ restored: restorable.length, lost: plan.lost.length, alive: plan.alive, revision }));
  const texts = [
    ...hints.leaseHints(source.store.leases, keepLease),
    ...(apply ? [] : hints.sizeHints()),
    ...planHints(plan, request, source.store),
  ];
  for (const text of texts) await hinting(context)(text);
  const exitCode = exitCodeFor(plan);
  if (exitCode !== EXIT.ok) context.exitCode = exitCode;
}

/** Returns 1 if a value is lost, and 4 if there is nothing at all to bring back and no key is there now. */
function exitCodeFor({ restorable, lost, alive }: UndeletePlan): ExitCode {
  if (restorable.length === 0 && (lost.length > 0 || alive === 0)) return EXIT.notThere;
  return lost.length > 0 ? EXIT.found : EXIT.ok;
}
