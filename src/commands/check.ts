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
import { listening } from './read-database.js';

const HELP = `
All findings are printed, not only the first, each with where it is and what may follow from it.
The exit status is 0 if there is none, 1 if there are some, and 3 if some of the database cannot be
read because of them.

What is checked of a database of mvccw: all pages, the sum of each row and the totals of each table,
the records (each can be read, none is missing, and those of a key follow from one another), the
marks of compaction, the index (it follows from the records), leases, their deadlines and the keys
attached to them, registered watchers, and files that killed processes have left behind. Of an etcd
file: meta pages, length and digest, all pages that its tree
reaches, the freelist, the records, the marks of compaction and the leases.

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
      await run(context, command.optsWithGlobals<Options>());
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
