// mvccw check: tell all that is wrong with a database or an etcd file, and mend what can be mended.

import { type Command, Option } from 'commander';
import { MvccwError } from '../errors.js';
import type { Finding } from '../inspect/check/finding.js';
import { CHECK_PRINTERS, isSound } from '../output/check-printer.js';
import { choosePrinter } from '../output/formats/registry.js';
import { helpText } from '../output/terminal/help-text.js';
import { parseNumberFlag } from '../requests/option-values.js';
import { checkDatabase } from '../storage/check-database.js';
import type { Context, SharedOptions } from './context.js';
import { EXIT } from './exit-code.js';
import { isLogGiven } from './given-database.js';
import { listening } from './read-database.js';

const HELP = `
All findings are printed, not only the first, each with where it is and what may follow from it.
The exit status is 0 if there is none, 1 if there are some, and 3 if some of the database cannot be
read because of them.

Of records: each can be read, none is missing above the last compaction, those of a key follow from one another, and what
compaction has left agrees with the marks that it writes. Of leases: each can be read, and no key names one that is gone.
Of objects of Kubernetes: each lies under a key that ends with its own namespace and name.
Of a database of mvccw, also: all pages, the sum of each row and the totals of each table, the index (it follows from
the records), deadlines, attached keys, registered watchers, and files that killed processes have left behind.

Of an etcd file, also: both meta pages, length and digest, and all that bbolt's own check looks at: each page that the
trees reach is of the right kind, is below the high-water mark, and has its keys in order and where they belong; none is
reached twice, or free as well; none is lost. A file without a stored freelist, as etcd writes it, has no lost pages: what
is not in use is free. The names of buckets and records, the consistent index and term, voters, members and alarms are
checked too. A damaged page hides what lies below it and nothing else: all other pages and records are checked, so each
damaged page is a finding of its own. mvccw salvage makes a database of what is left.

Of a data directory, the database is checked; "mvccw wal check" checks its log.

A file without a digest, as a server keeps it, has no sums over what it holds. There, some damage contradicts nothing, and
nobody can notice it: bytes of values; a key that is written nowhere else; a lease that is taken for another one that is
there, or for none; how long a lease lasts; a mark of a compaction that may as well have been cut short; another number in the
consistent index; what compaction has left of a record, where all before it is gone. Snapshots have a digest.

--repair makes anew what follows from records and leases: the index, the attachments, the list of
deadlines, the totals, the free pages; and it removes what was left behind. It works on a copy, which takes the place of the
file only if nothing is wrong with it. A record is never touched: if anything is found that cannot
be repaired, all stays as it is. Other processes may have the database open.

--kube-digest prints the digest of a resource of Kubernetes that an apiserver from 1.33 on logs when it compares its watch
cache with etcd ("Cache consistency check failed"), of a list from etcd and of a cache that is filled from it. They differ
where an object lies under a key that is not its own. Nothing else is checked then.

Examples:
  mvccw check
  mvccw check --db snapshot.db
  mvccw check --repair
  mvccw check --kube-digest /registry/pods/ --rev 1500    the resourceVersion that was logged
  mvccw check -w json | jq -r 'select(.kind == "finding") | .problem'`;

interface Options extends SharedOptions {
  readonly repair?: boolean;
  readonly kubeDigest?: string;
  readonly rev?: number;
}

export function defineCheck(command: Command, context: Context): void {
  command
    .option('--repair', 'mend what follows from records and leases, if that is all that is wrong')
    .addOption(
      new Option('--kube-digest <prefix>', 'print the digest of the objects whose keys begin so').conflicts('repair'),
    )
    .option('--rev <n>', 'with --kube-digest: at this revision; 0 is the newest', (text) =>
      parseNumberFlag(text, '--rev'),
    )
    .addHelpText('after', helpText(HELP))
    .action(async () => {
      const options = command.optsWithGlobals<Options>();
      if (options.kubeDigest === undefined && isLogGiven(command)) {
        throw new MvccwError('USAGE', 'a check is of a database: --wal is for --kube-digest', {
          hint: '"mvccw wal check" checks a log',
        });
      }
      await run(context, options);
    });
}

async function run(context: Context, options: Options): Promise<void> {
  const { db, writeOut, repair = false, kubeDigest, rev } = options;
  if (kubeDigest !== undefined) {
    await (await import('./kube-digest.js')).runKubeDigest(context, { ...options, kubeDigest });
    return;
  }
  if (rev !== undefined) {
    throw new MvccwError('USAGE', '--rev is for --kube-digest', { hint: 'a check is of all revisions' });
  }
  const { out, outStyle } = context;
  const printer = choosePrinter(CHECK_PRINTERS, writeOut)(outStyle);
  const onFinding = (finding: Finding) => out.write(printer.finding(finding));
  const result = repair
    ? await (await import('../storage/repair-database.js')).repairDatabase(db, onFinding, listening(context))
    : await checkDatabase(db, onFinding, listening(context));
  await out.write(printer.end(result));
  if (!isSound(result)) context.exitCode = result.complete ? EXIT.found : EXIT.corrupt;
}
