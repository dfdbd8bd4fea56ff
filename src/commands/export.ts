// mvccw export: a database, or its keys as of a revision, becomes an etcd snapshot.

import type { Command } from 'commander';
import { MvccwError } from '../errors.js';
import { MAX_TTL_SECONDS } from '../mvcc/lease-ttl.js';
import { EXPORT_PRINTERS } from '../output/export-printer.js';
import { choosePrinter } from '../output/formats/registry.js';
import { helpText } from '../output/terminal/help-text.js';
import { plural } from '../output/terminal/plural.js';
import { parseNumberFlag } from '../requests/option-values.js';
import { type ExportResult, exportDatabase } from '../storage/export-etcd.js';
import { DEFAULT_LEASE_TTL_SECONDS } from '../storage/exported-buckets.js';
import { checkNewFile } from '../storage/new-file.js';
import { argPath } from './arg-bytes.js';
import { type AtTime, addAtTime, revisionAtTime } from './clock-options.js';
import type { Context, SharedOptions } from './context.js';
import { type MayMissOptions, mayMissOf } from './may-miss.js';
import { listening, readDatabase } from './read-database.js';

const HELP = `
FILE becomes a snapshot, as "etcdctl snapshot save" makes it: "etcdctl snapshot restore" takes it. Without --rev it holds
the whole window, and answers as the database does at each of its revisions. With --rev it holds the keys as they were at
that revision, and nothing from before or after: what a compaction at that revision would leave. That is then the newest
revision; createRevision, modRevision, version and lease of each key are what they were.

FILE is written under a hidden name beside it, and appears when all of it is on the disk. Only its owner may read it. A file
that is there is replaced only with --force. From an etcd file out of which something may be missing, nothing is exported, unless an option asks for
what is left: --older-meta if the newer of its two meta pages may be the damaged one, --cleared-elements if elements have
been taken off its pages.

Leases: the whole window has all that the database has. With --rev, the file has those that keys name. One that was
revoked or has run out since that revision is granted anew, with --lease-ttl; nothing is known of it but its id. etcd would
take the file without it, never delete its keys, and crash when one of them is put with --ignore-lease. The time of each
lease begins anew where the file is restored.

Users and roles, alarms, members and the cluster's version have no revisions. Those of an etcd file are copied as they are
now, also with --rev; a restore drops the members. A database of mvccw has none; the watchers that are registered in it are left out.

The whole cluster back to the moment before a delete ("mvccw undelete" brings back single keys):
  etcdctl snapshot save now.db
  mvccw history /config/db --db now.db --reverse        says that the DELETE is revision 1201
  mvccw export before.db --db now.db --rev 1200
  etcdctl snapshot restore before.db --data-dir before.etcd
  etcd --data-dir before.etcd

That cluster goes on with revision 1201, while its clients may have seen later ones. Those that watch, as Kubernetes does,
need revisions that only rise: restore with --bump-revision 1000000000 --mark-compacted (etcd 3.4.27, 3.5.10 and later).

Examples:
  mvccw export all.db --db /var/lib/etcd
  mvccw export then.db --db snapshot.db --rev 1500
  mvccw export then.db --db snapshot.db --rev 1500 --lease-ttl 60 --force
  mvccw export then.db --db /var/lib/etcd --at-time 2026-11-28T12:03:07Z
  mvccw export mine.db -w json | jq -r .sha256`;

/** What other programs take for stdout. */
const STDOUT = '-';

interface Options extends SharedOptions, MayMissOptions, AtTime {
  readonly rev?: number;
  readonly leaseTtl?: number;
  readonly force?: boolean;
}

export function defineExport(command: Command, context: Context): void {
  addAtTime(command, 'as --rev, the newest revision at this time', 'rev')
    .argument('<file>', 'the snapshot to write', argPath)
    .option('--rev <n>', 'the keys as of this revision, without their history; 0 is the newest', (text) =>
      parseNumberFlag(text, '--rev'),
    )
    .option(
      '--lease-ttl <seconds>',
      `with --rev: the time of leases that keys name and that are gone since (default: ${DEFAULT_LEASE_TTL_SECONDS})`,
      parseTtl,
    )
    .option('--force', 'replace the file if it is there')
    .option('--older-meta', 'export also where the newest revisions may be missing')
    .option('--cleared-elements', 'export also where elements have been taken off pages')
    .addHelpText('after', helpText(HELP))
    .action((file: string) => run(context, file, command.optsWithGlobals<Options>()));
}

function parseTtl(text: string): number {
  const seconds = parseNumberFlag(text, '--lease-ttl', 1);
  if (seconds <= MAX_TTL_SECONDS) return seconds;
  throw new MvccwError('USAGE', `--lease-ttl: ${text} is too long; the longest is ${MAX_TTL_SECONDS} seconds`);
}

async function run(context: Context, file: string, options: Options): Promise<void> {
  const { writeOut, leaseTtl = DEFAULT_LEASE_TTL_SECONDS, force = false } = options;
  if (options.leaseTtl !== undefined && options.rev === undefined && options.atTime === undefined) {
    throw new MvccwError('USAGE', '--lease-ttl is for the keys as of a revision: --rev is missing');
  }
  if (file === STDOUT) {
    throw new MvccwError('USAGE', 'a snapshot cannot be written to stdout: its first page is known last', {
      hint: 'name a file; one of this name is ./-',
    });
  }
  const print = choosePrinter(EXPORT_PRINTERS, writeOut);
  // A large database takes a while to open; the file that is in the way is told at once.
  checkNewFile(file, { replace: force });
  await readDatabase(context, options, async (database) => {
    const { onProgress, onRemark } = listening(context);
    const rev = (await revisionAtTime(context, options, database)) ?? options.rev;
    const result = await exportDatabase(database, {
      file,
      rev: rev === 0 ? database.store.currentRev : rev,
      leaseTtlSeconds: leaseTtl,
      replace: force,
      mayMiss: mayMissOf(options),
      onProgress,
      onRemark,
      onInterrupt: context.io.onInterrupt,
    });
    await context.out.write(print(file, database.path, result, context.outStyle));
    if (result.grantedLeases > 0) await onRemark?.(grantedText(result, leaseTtl));
  });
}

function grantedText({ grantedLeases, keysOfGrantedLeases }: ExportResult, ttlSeconds: number): string {
  const [names, goes] = keysOfGrantedLeases === 1 ? ['names', 'it goes'] : ['name', 'they go'];
  return (
    `${plural(keysOfGrantedLeases, 'key')} ${names} ${plural(grantedLeases, 'lease')} of which only the id is known any more: ` +
    `granted anew with ${ttlSeconds} s, so ${goes} when that time is over in the restored cluster; --lease-ttl chooses it`
  );
}
