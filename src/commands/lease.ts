// mvccw lease: leases, which take their keys with them when they run out.

import { Command } from 'commander';
import { MvccwError } from '../errors.js';
import { listLeases, timeToLive } from '../inspect/leases.js';
import { deadlineAfter, grantedTtl } from '../mvcc/lease-clock.js';
import { choosePrinter } from '../output/formats/registry.js';
import { LEASE_PRINTERS, type LeasePrinter } from '../output/lease-printer.js';
import { helpText } from '../output/terminal/help-text.js';
import { parseLeaseId, parseWholeNumber } from '../requests/option-values.js';
import { withWritableDatabase } from '../storage/database.js';
import { newLeaseId } from '../storage/lease-id.js';
import { LeaseKeeper } from '../storage/lease-keeper.js';
import type { Context, SharedOptions } from './context.js';
import { EXIT, EXIT_BY_SIGNAL } from './exit-code.js';
import { readDatabase } from './read-database.js';

const HELP = `
A server of etcd revokes a lease when it runs out. Here no process runs all the time: the deadline is
kept in the database, and the next command that opens it for writing revokes what has run out, each lease in
a revision of its own. While "mvccw watch" or "mvccw lease keep-alive" runs, that is within a second.
Commands that only read change nothing: until then they still find the keys. A lease out of an etcd
file has no deadline, and keeps its keys, until "mvccw lease keep-alive" starts its time.

Examples:
  lease=$(mvccw lease grant 60 | cut -d' ' -f2)   one of a minute
  mvccw put job/1 running --lease=$lease          this key goes with it`;

const GRANT_HELP = `
A TTL below 2 seconds is raised to 2, as a server of etcd does with its default settings.

Examples:
  mvccw lease grant 60
  lease=$(mvccw lease grant 60 | cut -d' ' -f2)`;

const REVOKE_HELP = `
Examples:
  mvccw lease revoke 694d7a2b3c4d5e6f`;

const TIME_TO_LIVE_HELP = `
An unknown lease counts as expired, as in etcdctl.

Examples:
  mvccw lease timetolive 694d7a2b3c4d5e6f --keys`;

const KEEP_ALIVE_HELP = `
Each third of its TTL the lease gets its whole time again, until Ctrl-C, or until it is revoked; then
the exit status is 4.

Examples:
  mvccw lease keep-alive 694d7a2b3c4d5e6f
  mvccw lease keep-alive --once 694d7a2b3c4d5e6f`;

const LIST_HELP = `
Those come first that run out first.

Examples:
  mvccw lease list
  mvccw lease list -w json | jq '.leases | length'`;

const NO_DEADLINE = 'a lease out of an etcd file runs out only once it is kept alive';

export function defineLease(command: Command, context: Context): void {
  command
    .addCommand(grantCommand(context))
    .addCommand(revokeCommand(context))
    .addCommand(timeToLiveCommand(context))
    .addCommand(keepAliveCommand(context))
    .addCommand(listCommand(context))
    .addHelpText('after', helpText(HELP));
}

function printerFor({ outStyle }: Context, { writeOut }: SharedOptions): LeasePrinter {
  return choosePrinter(LEASE_PRINTERS, writeOut)(outStyle);
}

function grantCommand(context: Context): Command {
  return new Command('grant')
    .description('create a lease')
    .argument('<ttl>', 'seconds until it runs out', (text) => grantedTtl(parseWholeNumber(text, 'TTL')))
    .addHelpText('after', helpText(GRANT_HELP))
    .action(async (ttlSeconds: number, _options: unknown, command: Command) => {
      await grant(context, command.optsWithGlobals<SharedOptions>(), ttlSeconds);
    });
}

async function grant(context: Context, options: SharedOptions, ttlSeconds: number): Promise<void> {
  const printer = printerFor(context, options);
  const { out, io } = context;
  await withWritableDatabase(
    options.db,
    async ({ store }) => {
      const id = newLeaseId();
      store.grantLease(id, ttlSeconds, deadlineAfter(ttlSeconds, io.now()));
      await out.write(printer.granted({ id, ttlSeconds, revision: store.currentRev }));
    },
    { now: io.now },
  );
}

function revokeCommand(context: Context): Command {
  return new Command('revoke')
    .description('end a lease, and delete the keys attached to it')
    .argument('<lease_id>', 'in hexadecimal', parseLeaseId)
    .addHelpText('after', helpText(REVOKE_HELP))
    .action(async (id: bigint, _options: unknown, command: Command) => {
      await revoke(context, command.optsWithGlobals<SharedOptions>(), id);
    });
}

async function revoke(context: Context, options: SharedOptions, id: bigint): Promise<void> {
  const printer = printerFor(context, options);
  await withWritableDatabase(
    options.db,
    async ({ store }) => {
      const { revision } = store.revokeLease(id);
      await context.out.write(printer.revoked(id, revision));
    },
    { create: false, now: context.io.now },
  );
}

function timeToLiveCommand(context: Context): Command {
  return new Command('timetolive')
    .description('print how long a lease has left')
    .argument('<lease_id>', 'in hexadecimal', parseLeaseId)
    .option('--keys', 'with the keys attached to it')
    .addHelpText('after', helpText(TIME_TO_LIVE_HELP))
    .action(async (id: bigint, _options: unknown, command: Command) => {
      const options = command.optsWithGlobals<SharedOptions & { keys?: boolean }>();
      await printTimeToLive(context, options, id, options.keys ?? false);
    });
}

async function printTimeToLive(context: Context, options: SharedOptions, id: bigint, keys: boolean): Promise<void> {
  const printer = printerFor(context, options);
  await readDatabase(context, options, async ({ store }) => {
    const lease = timeToLive(store.leases, id, context.io.now(), keys);
    await context.out.write(printer.timeToLive(lease, store.currentRev));
  });
}

function keepAliveCommand(context: Context): Command {
  return new Command('keep-alive')
    .description('give a lease its whole time again, until Ctrl-C')
    .argument('<lease_id>', 'in hexadecimal', parseLeaseId)
    .option('--once', 'only once')
    .addHelpText('after', helpText(KEEP_ALIVE_HELP))
    .action(async (id: bigint, _options: unknown, command: Command) => {
      const options = command.optsWithGlobals<SharedOptions & { once?: boolean }>();
      await keepAlive(context, options, id, options.once ?? false);
    });
}

async function keepAlive(context: Context, options: SharedOptions, id: bigint, once: boolean): Promise<void> {
  const printer = printerFor(context, options);
  const { out, io } = context;
  const keeper = new LeaseKeeper(options.db, id, { now: io.now, isWanted: out.followReader() });
  const stopListening = io.onInterrupt((signal) => {
    context.exitCode = EXIT_BY_SIGNAL[signal];
    keeper.stop();
  });
  try {
    for (let kept = await keeper.next(); kept !== undefined; kept = await keeper.next()) {
      await out.write(printer.keptAlive(kept));
      await out.flush();
      if (once) break;
    }
  } catch (error) {
    if (once || !(error instanceof MvccwError) || error.code !== 'LEASE_NOT_FOUND') throw error;
    context.exitCode = EXIT.notThere;
    await out.write(printer.lost(id));
  } finally {
    stopListening();
    keeper.close();
  }
}

function listCommand(context: Context): Command {
  return new Command('list')
    .description('print the leases there are')
    .addHelpText('after', helpText(LIST_HELP))
    .action(async (_options: unknown, command: Command) => {
      await list(context, command.optsWithGlobals<SharedOptions>());
    });
}

async function list(context: Context, options: SharedOptions): Promise<void> {
  const printer = printerFor(context, options);
  await readDatabase(context, options, async ({ store }) => {
    const leases = listLeases(store.leases, context.io.now());
    await context.out.write(printer.list(leases, store.currentRev));
    const standing = leases.filter(({ left }) => left?.hasDeadline === false).length;
    if (standing > 0) await context.err.line(`Hint: ${standing} of ${leases.length} have no deadline: ${NO_DEADLINE}`);
  });
}
