// mvccw usage: who took the room of a database.

import type { Command } from 'commander';
import { utf8 } from '../bytes/byte-string.js';
import { MvccwError } from '../errors.js';
import { checkHex, choosePrinter } from '../output/formats/registry.js';
import { helpText } from '../output/terminal/help-text.js';
import { USAGE_PRINTERS } from '../output/usage/usage-printers.js';
import { ETCDCTL_WORDS } from '../requests/etcdctl-words.js';
import { parseNumberFlag } from '../requests/option-values.js';
import { bytesOfHex } from '../requests/range-options.js';
import { measureDatabase } from '../storage/measure-database.js';
import { keyBytes } from './arg-bytes.js';
import type { Context, SharedOptions } from './context.js';
import { listening, readDatabase } from './read-database.js';

const HELP = `
Records are split by what becomes of them: the newest put of a key that is there is live; a put that another put or a
deletion followed is old; a deletion is a tombstone. Their bytes are those that the file stores for them: the revision
key of 17 or 18 bytes, and the record with key and value. Only the largest values are told by the length of the value.

A prefix ends behind a separator. With --depth 2, /registry/pods/default/web is under /registry/pods/: a separator at
the start opens no level. With --prefix, levels are counted from its end.

Of a data directory, the database is measured, and not its log, which "mvccw wal --totals" counts.

What changed is counted in the whole window, or from --from-rev to --to-rev: revisions, keys, and the keys that were
rewritten most. Only what compaction has left whole can be counted.

The parts of the file add up to its length: records, other buckets (in a database of mvccw the index, for one),
structure (headers of pages, branch pages, sums), slack (what pages in use do not fill), free pages, and what lies
behind the last page. They are those of the whole file, whatever --prefix says, and so is what a compaction would
delete. The size after a defragmentation is an estimate. For an etcd file pages are packed as etcd's defrag packs them,
to nine tenths, which gives the size that etcd then reports within a few pages; the file may be longer, as some
releases make it a power of two, or up to 16 MiB longer. For a database of mvccw the estimate is in proportion, and may
be a tenth off.

Examples:
  mvccw usage --db snapshot.db
  mvccw usage --db snapshot.db --depth 3 --limit 50     by namespace
  mvccw usage --db snapshot.db --prefix /registry/pods/ --depth 1
  mvccw usage --db /var/lib/etcd --from-rev 120000      what has been written since
  mvccw usage --db snapshot.db --compact 150000         what compacting there would free
  mvccw usage --db snapshot.db -w json |
    jq -r 'select(.kind == "prefix") | [.bytes, (.prefix | @base64d)] | @tsv'`;

const DEFAULT_DEPTH = 2;
const DEFAULT_LIMIT = 10;

interface Options extends SharedOptions {
  readonly prefix?: string;
  readonly keyHex?: boolean;
  readonly depth: number;
  readonly separator: string;
  readonly limit: number;
  readonly fromRev?: number;
  readonly toRev?: number;
  readonly compact?: number;
}

const numberOf = (name: string) => (text: string) => parseNumberFlag(text, name, 1);

export function defineUsage(command: Command, context: Context): void {
  command
    .option('--prefix <key>', 'only keys that begin with this', (text: string) => keyBytes(text))
    .option('--key-hex', 'the key of --prefix is hexadecimal, 62ff or \\x62\\xff, and stands for any bytes')
    .option('--depth <n>', 'the levels of prefixes', numberOf('--depth'), DEFAULT_DEPTH)
    .option('--separator <text>', 'what ends a level', separatorOf, '/')
    .option('--limit <n>', 'the length of each list', numberOf('--limit'), DEFAULT_LIMIT)
    .option('--from-rev <n>', 'count what changed from this revision on', numberOf('--from-rev'))
    .option('--to-rev <n>', 'count what changed up to this revision', numberOf('--to-rev'))
    .option(
      '--compact <n>',
      'say what compacting at this revision would free; default: the newest',
      numberOf('--compact'),
    )
    .addHelpText('after', helpText(HELP))
    .action(async () => {
      await run(context, command.optsWithGlobals<Options>());
    });
}

function separatorOf(text: string): string {
  if (text !== '') return keyBytes(text);
  throw new MvccwError('USAGE', '--separator is empty', { hint: 'without it, keys are split at /' });
}

async function run(context: Context, options: Options): Promise<void> {
  const { out, err, outStyle } = context;
  const {
    db,
    writeOut,
    hex = false,
    keyHex,
    prefix: given,
    depth,
    separator,
    limit,
    fromRev,
    toRev,
    compact,
  } = options;
  const print = choosePrinter(USAGE_PRINTERS, writeOut);
  checkHex(writeOut, hex);
  if (keyHex && given === undefined) throw new MvccwError('USAGE', '--key-hex needs a key: give one with --prefix');
  const prefix = given === undefined ? '' : keyHex ? bytesOfHex(given, ETCDCTL_WORDS.keyHex) : given;
  await readDatabase(context, { db, compacted: true }, async (database) => {
    const usage = measureDatabase(
      database,
      { prefix, depth, separator, limit, fromRev, toRev, compactAt: compact },
      listening(context).onProgress,
    );
    const hasRange = fromRev !== undefined || toRev !== undefined;
    for (const problem of usage.problems) await err.line(utf8(`Hint: ${problem}`));
    for (const piece of print(usage, outStyle, { hex, depth, hasRange })) await out.write(piece);
  });
}
