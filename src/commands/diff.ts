// mvccw diff: what differs between two backends, or between two revisions of one.

import type { Command } from 'commander';
import type { WallClock } from '../inspect/clock/wall-clock.js';
import { lastRevisionUntil } from '../inspect/clock/when.js';
import { type DiffOptions, type DiffSide, diffKeySpaces } from '../inspect/diff/diff.js';
import { changesByPrefix } from '../inspect/diff/stat.js';
import type { StoreReader } from '../mvcc/store.js';
import type { RevisionClocks } from '../output/committed.js';
import { DIFF_PRINTERS, DIFF_STAT_PRINTERS } from '../output/diff/diff-printer.js';
import { checkHex, choosePrinter } from '../output/formats/registry.js';
import { valueOptions, valueTeller } from '../output/kube/choose-teller.js';
import { helpText } from '../output/terminal/help-text.js';
import { diffRange, parseRevs, type RevSpan, revsOfOne, revsOfTwo } from '../requests/diff-request.js';
import { ETCDCTL_WORDS } from '../requests/etcdctl-words.js';
import type { Moment } from '../requests/moment.js';
import { parseNumberFlag } from '../requests/option-values.js';
import { usage } from '../requests/range-options.js';
import type { Database } from '../storage/database.js';
import { provenanceOf } from '../storage/provenance.js';
import { argPath, keyBytes } from './arg-bytes.js';
import { addClockOptions, addTimeSpan, askedClock, type ClockOptions, shownClock } from './clock-options.js';
import type { Context, SharedOptions } from './context.js';
import { EXIT } from './exit-code.js';
import { givenDatabase, isLogGiven } from './given-database.js';
import { readDatabase } from './read-database.js';

const HELP = `
Two backends are compared at their newest revisions, or at those of --rev: A and B, or that of --db
and A. One backend, that of --db or A alone, is compared at the two revisions of --rev. The exit status is 0 if no key differs
and the histories do not part, and 1 if one does or they do.

Each key that differs comes with what differs of it: + it is only in the second, - only in the
first, ~ in both. Of values, what went and what came is shown: objects of Kubernetes and JSON by
field, text by line, other bytes by size and hash.

A key is changed if a client reads anything else of it: its value, its revisions, its version or its
lease. So a key that was put again with the same value is changed. --values-only leaves that out,
for copies in which revisions are not those of the original. Which leases exist is not compared.

Of two backends, the histories are compared too, unless only some keys or only values are: hashKV of
each at the highest revision that both have, and the first revision at which they part, with the key
that each has there. Members may be compacted at different revisions, and their own hashes then
differ: both are taken as if they were compacted at the higher one. Where one was compacted above
the newest revision of the other, there is nothing to compare, and that is said. Tombstones at the
revision of a compaction do not count, since releases differ in which they keep.

A member that is only behind has the same history up to its newest revision. Its newest keys differ
all the same, and the exit status is 1; with --common, both are compared at the highest revision
that both have, and it is 0.

Examples:
  mvccw diff --rev 100..200                    what changed from revision 100 to 200
  mvccw diff --rev 100.. --stat                counts up to the newest, by prefix
  mvccw diff --from-time 12:03 --to-time 12:05     from one time to another
  mvccw diff m1.db m2.db --common              do two members agree, as far as both have come?
  mvccw diff old.db new.db --prefix /registry/pods/ --keys-only
  mvccw diff prod.db restored.db --values-only && echo same
  mvccw diff a.db b.db -w json |
    jq -r 'select(.kind == "change") | .key | @base64d'`;

interface Options extends SharedOptions, ClockOptions {
  readonly rev?: RevSpan | number;
  readonly common?: boolean;
  readonly prefix?: string;
  readonly key?: string;
  readonly keyHex?: boolean;
  readonly valuesOnly?: boolean;
  readonly keysOnly?: boolean;
  readonly stat?: boolean;
  readonly depth?: number;
}

const DEFAULT_DEPTH = 2;

export function defineDiff(command: Command, context: Context): void {
  command
    .argument('[a]', 'a backend, as for --db, which is the first one if it is given too')
    .argument('[b]', 'another one; of a single one, two revisions are compared')
    .option(
      '--rev <revs>',
      'A..B: the first at A, the second at B; N: both at N, or of one backend N.. (0 is the newest)',
      (text) => parseRevs(text, '--rev'),
    )
    .option('--common', 'compare two backends at the highest revision that both have')
    .option('--prefix <prefix>', 'only keys that begin with it')
    .option('--key <key>', 'only this key')
    .option('--key-hex', 'the key or prefix is hexadecimal, 62ff or \\x62\\xff, and stands for any bytes')
    .option('--values-only', 'revisions, versions and leases may differ; histories are not compared')
    .option('--keys-only', 'print only the keys that differ')
    .option('--stat', 'print only how many keys and bytes differ, by prefix')
    .option(
      '--depth <n>',
      `the number of levels of a prefix in --stat; 0 gives one sum; default: ${DEFAULT_DEPTH}`,
      (text) => parseNumberFlag(text, '--depth'),
    )
    .addHelpText('after', helpText(HELP));
  addTimeSpan(command, 'of one backend: the first is as it was at this time', 'the second is as it was at this time', [
    'rev',
    'rev',
  ]);
  addClockOptions(command).action(async (a: string | undefined, b: string | undefined) => {
    const options = command.optsWithGlobals<Options>();
    const backends = backendsOf(options.db, givenDatabase(command) !== undefined, a, b);
    if (backends.length === 2 && isLogGiven(command)) {
      throw usage('of two backends, `--wal` does not say which one its log goes on from: name data directories');
    }
    await run(context, options, backends);
  });
}

/** Returns the paths of the two backends, or of the one. Throws USAGE for three. */
function backendsOf(
  db: string,
  isGiven: boolean,
  a?: string,
  b?: string,
): readonly [string] | readonly [string, string] {
  if (a === undefined) return [db];
  if (b !== undefined) {
    if (isGiven) throw usage('two backends are compared, and --db and the arguments name three');
    return [argPath(a), argPath(b)];
  }
  return isGiven ? [db, argPath(a)] : [argPath(a)];
}

/** Records are read in their order, for which a small cache will do. Two large ones would take most of the memory. */
const READ_OPTIONS = { cacheBytes: 8 * 1024 * 1024 };

async function run(context: Context, options: Options, [a, b]: readonly [string, string?]): Promise<void> {
  const { compacted } = options;
  const print = await printing(context, options);
  const read = (path: string, body: (database: Database) => Promise<void>) =>
    readDatabase(context, { db: path, wal: b === undefined ? options.wal : undefined, compacted }, body, READ_OPTIONS);
  await read(a, async (first) => {
    if (b === undefined) {
      const clock = await askedClock(context, options, first);
      const [from, to] = revsOfOne(revsAsked(options, first.store, clock), Math.max(first.store.compactRev, 1));
      await print([sideOf(first, from), sideOf(first, to)], [first, first], shownClock(clock, options));
      return;
    }
    if (
      options.clock ||
      options.fromTime !== undefined ||
      options.toTime !== undefined ||
      options.times !== undefined
    ) {
      throw usage('times choose or tell revisions of one backend, and two are compared');
    }
    await read(b, async (second) => {
      const [from, to] = revsOfTwo(options.rev);
      await print([sideOf(first, from), sideOf(second, to)], [first, second]);
    });
  });
}

/** Returns the revisions that are asked for, by number or by time. */
function revsAsked({ rev, ...span }: Options, store: StoreReader, clock: WallClock | undefined): Options['rev'] {
  const { fromTime, toTime } = span;
  if (clock === undefined || (fromTime === undefined && toTime === undefined)) return rev;
  if (rev !== undefined) throw usage('`--rev` and times cannot be set at the same time, choose one');
  const newestAt = (moment: Moment | undefined) => moment && lastRevisionUntil(clock, store, moment);
  return { from: newestAt(fromTime), to: newestAt(toTime) };
}

function sideOf({ path, backend, lmdb }: Database, rev: number | undefined): DiffSide {
  return { path, backend, ofEtcd: lmdb === undefined, rev };
}

type Sides = readonly [DiffSide, DiffSide];
type Print = (sides: Sides, databases: readonly [Database, Database], clock?: RevisionClocks) => Promise<void>;

/** Returns what prints the difference of two sides. Throws USAGE for options that make no sense. */
async function printing(context: Context, options: Options): Promise<Print> {
  const { writeOut, stat = false, keysOnly = false, depth } = options;
  if (depth !== undefined && !stat) throw usage('`--depth` is the depth of `--stat`, which is missing');
  if (stat && keysOnly) throw usage('`--stat` and `--keys-only` cannot be set at the same time, choose one');
  const values = valueOptions(options, 'auto');
  const hex = values.decode === 'hex';
  checkHex(writeOut, hex);
  const makePrinter = choosePrinter(stat ? DIFF_STAT_PRINTERS : DIFF_PRINTERS, writeOut);
  const style = { ...context.outStyle, hex, keysOnly, teller: await valueTeller(values) };
  const wanted = diffOptions(options);
  return async (sides, [a, b], clock) => {
    const { out, io } = context;
    const printer = makePrinter({
      ...style,
      clock,
      paths: [sides[0].path, sides[1].path],
      provenances: [provenanceOf(a, io.now()), provenanceOf(b, io.now())],
    });
    const diff = diffKeySpaces(sides, wanted);
    await out.write(printer.begin(diff));
    if (stat) await out.write(printer.stat(changesByPrefix(diff.changes(), depth ?? DEFAULT_DEPTH)));
    else for (const change of diff.changes({ keysOnly })) await out.write(printer.change(change));
    await out.write(printer.end(diff));
    if (!diff.same) context.exitCode = EXIT.found;
  };
}

/** Throws USAGE for options that exclude each other. */
function diffOptions({ prefix, key, keyHex, valuesOnly, common, rev }: Options): DiffOptions {
  if (common && rev !== undefined) throw usage('`--rev` and `--common` cannot be set at the same time, choose one');
  const range = diffRange({ prefix: keyBytes(prefix), key: keyBytes(key), keyHex }, ETCDCTL_WORDS);
  return { range, valuesOnly, common };
}
