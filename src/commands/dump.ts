// mvccw dump: all of a database as lines of JSON, from which mvccw load makes it again.

import type { Command } from 'commander';
import { utf8 } from '../bytes/byte-string.js';
import { MvccwError } from '../errors.js';
import { dump } from '../inspect/dump/dump.js';
import type { DumpItem } from '../inspect/dump/dump-item.js';
import { toJson } from '../output/formats/json.js';
import { choosePrinter } from '../output/formats/registry.js';
import { decodingOf, type ValueFlags, valueOptions } from '../output/kube/choose-teller.js';
import type { ValueTeller } from '../output/kube/value-teller.js';
import { helpText } from '../output/terminal/help-text.js';
import { refuseMissing } from '../storage/file-remark.js';
import { refuseProblem } from '../storage/log-problem.js';
import { salvageDoubts } from '../storage/salvage-note.js';
import type { Context, SharedOptions } from './context.js';
import { type MayMissOptions, mayMissOf } from './may-miss.js';
import { readDatabase } from './read-database.js';

const HELP = `
The lines are, by their kind: "dump" (what it is, and its window), each "lease", each registered "watcher", each "record" in
order of revisions, and "end" with counts, hashKV and the sum of all lines. Keys and values are base64. What compaction has
left is there as it is, so that nothing is missing. "mvccw schema dump" prints the JSON schema. -w changes nothing. With
--decode auto --show-secrets each value is also there decoded; load takes no notice of it.

"mvccw load" makes the database again: it answers every command alike. Ids of leases have 64 bits: a program that takes all
numbers for doubles, as jq 1.6 does, rounds them, and load refuses what it prints.

It is a backup: it holds all values, those of Kubernetes Secrets too. Keep it as you keep the database. Of an etcd file out
of which something may be missing, the dump has no end, and load refuses it, unless an option asks for what is left:
--older-meta if the newer of its two meta pages may be the damaged one, --cleared-elements if elements have been taken off
its pages.

Examples:
  mvccw dump > backup.jsonl
  mvccw dump --db snapshot.db | gzip > snapshot.jsonl.gz
  mvccw dump --db snapshot.db |
    jq -r 'select(.type == "DELETE") | .revision.main'
  mvccw dump | jq -r 'select(.kind == "record") | .key | @base64d' |
    sort | uniq -c`;

interface Options extends SharedOptions, ValueFlags, MayMissOptions {}

/** All formats but these make no sense for a dump. */
const FORMATS = { simple: true, json: true };

export function defineDump(command: Command, context: Context): void {
  command
    .option('--older-meta', 'dump also where the newest revisions may be missing')
    .option('--cleared-elements', 'dump also where elements have been taken off pages')
    .addHelpText('after', helpText(HELP))
    .action(async () => {
      await run(context, command.optsWithGlobals<Options>());
    });
}

async function run(context: Context, options: Options): Promise<void> {
  choosePrinter(FORMATS, options.writeOut);
  const teller = await tellerOf(options);
  await readDatabase(
    context,
    options,
    async ({ path, backend, store, watchSpecs, etcdFile, lmdb, log, importedFrom, origin }) => {
      const source = {
        path,
        backend,
        store,
        watchSpecs,
        importedFrom: lmdb === undefined ? path : importedFrom,
        etcdVersion: origin?.version,
        doubts: salvageDoubts(backend),
      };
      /** Throws where something may be missing of what was read so far. Without its last line, load refuses a dump. */
      const refuse = () => {
        for (const remark of etcdFile?.remarks() ?? []) refuseMissing(path, remark, mayMissOf(options), 'dumped');
      };
      refuse();
      refuseProblem(log, 'dumped');
      for (const { item, line } of dump(source)) {
        if (item.kind === 'end') refuse();
        await context.out.line(teller === undefined ? line : withDecoded(teller, item, line));
      }
    },
  );
}

/** Returns what decodes values; undefined if they are not to be decoded. Throws USAGE. */
async function tellerOf(flags: ValueFlags): Promise<ValueTeller | undefined> {
  const options = valueOptions(flags, 'raw');
  if (options.decode === 'hex') throw new MvccwError('USAGE', 'a dump has values in base64, and not as hex');
  if (options.decode === 'auto' && !options.showSecrets) {
    throw new MvccwError('USAGE', 'a dump has all values, those of Secrets too: nothing can be hidden in it', {
      hint: 'decode them with --decode auto --show-secrets',
    });
  }
  return decodingOf(options);
}

/** Adds to a line what its value is. */
function withDecoded(teller: ValueTeller, item: DumpItem, line: string): string {
  if (item.kind !== 'record' || item.record.tombstone || item.record.isEmpty) return line;
  const { key, value } = item.record.keyValue();
  const { decoded } = teller.json(key, value);
  return decoded === undefined ? line : utf8(`${line.slice(0, -1)},"decoded":${toJson(decoded)}}`);
}
