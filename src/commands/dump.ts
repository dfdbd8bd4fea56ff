// mvccw dump: all of a database as lines of JSON, from which mvccw load makes it again.

import type { Command } from 'commander';
import { dump } from '../inspect/dump/dump.js';
import { choosePrinter } from '../output/formats/registry.js';
import { helpText } from '../output/terminal/help-text.js';
import type { Context, SharedOptions } from './context.js';
import { readDatabase } from './read-database.js';

const HELP = `
The lines are, by their kind: "dump" (what it is, and its window), each "lease", each registered
"watcher", each "record" in order of revisions, and "end" with counts, hashKV and the sum of all lines.
Keys and values are base64. What compaction has left is there as it is, so that nothing is missing.
It is a backup: it holds all values, those of Kubernetes Secrets too. Keep it as you keep the database.
"mvccw load" makes the database again: it answers every command alike. "mvccw schema dump" prints
the JSON schema. -w changes nothing.

Examples:
  mvccw dump > backup.jsonl
  mvccw dump --db snapshot.db | gzip > snapshot.jsonl.gz
  mvccw dump --db snapshot.db | jq -r 'select(.type == "DELETE") | .revision.main'
  mvccw dump | jq -r 'select(.kind == "record") | .key | @base64d' | sort | uniq -c`;

/** All formats but these make no sense for a dump. */
const FORMATS = { simple: true, json: true };

export function defineDump(command: Command, context: Context): void {
  command.addHelpText('after', helpText(HELP)).action(async () => {
    await run(context, command.optsWithGlobals<SharedOptions>());
  });
}

async function run(context: Context, { db, writeOut }: SharedOptions): Promise<void> {
  choosePrinter(FORMATS, writeOut);
  await readDatabase(context, db, async ({ path, backend, store, watchSpecs, etcdFile, importedFrom, origin }) => {
    const source = {
      path,
      backend,
      store,
      watchSpecs,
      importedFrom: etcdFile === undefined ? importedFrom : path,
      etcdVersion: origin?.version,
    };
    for (const { line } of dump(source)) await context.out.line(line);
  });
}
