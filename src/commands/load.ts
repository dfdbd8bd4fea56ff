// mvccw load: a database is made again from its dump.

import type { Command } from 'commander';
import type { OnInterrupt } from '../errors.js';
import { choosePrinter } from '../output/formats/registry.js';
import { LOAD_PRINTERS } from '../output/load-printer.js';
import { helpText } from '../output/terminal/help-text.js';
import { piecesOf } from '../storage/lines.js';
import { loadDump } from '../storage/load-dump.js';
import { argPath } from './arg-bytes.js';
import type { Context, SharedOptions } from './context.js';
import type { Io } from './io.js';

const HELP = `
FILE is what "mvccw dump" has printed, also packed with gzip; without it, or with -, stdin is read. The database must be
new or empty. It answers every command as the one that was dumped, and has an id of its own.
Each line is checked, and so are the history, the counts, the sum and hashKV: a dump that was cut
short or changed is refused, with the line. If the load fails or is interrupted, nothing is left behind.

Examples:
  mvccw load backup.jsonl --db ./restored.db
  mvccw load snapshot.jsonl.gz --db ./restored.db
  mvccw dump --db old.db | mvccw load --db new.db`;

const STDIN = '-';

export function defineLoad(command: Command, context: Context): void {
  command
    .argument('[file]', 'the dump; - is stdin', argPath, STDIN)
    .addHelpText('after', helpText(HELP))
    .action(async (file: string) => {
      await run(context, file, command.optsWithGlobals<SharedOptions>());
    });
}

async function run(
  { io, out, outStyle, progress }: Context,
  file: string,
  { db, writeOut }: SharedOptions,
): Promise<void> {
  const print = choosePrinter(LOAD_PRINTERS, writeOut);
  const result = await loadDump({
    pieces: file === STDIN ? io.stdin : piecesOf(file),
    directory: db,
    onInterrupt: file === STDIN ? endingStdin(io) : io.onInterrupt,
    onProgress: (revision, lastRevision) => progress.show('loading', revision, lastRevision),
  });
  await out.write(print(db, result, outStyle));
}

/** Stdin ends with a signal: a writer that has nothing to write must not delay it. */
function endingStdin({ stdin, onInterrupt }: Io): OnInterrupt {
  return (handler) =>
    onInterrupt((signal) => {
      handler(signal);
      stdin.destroy();
    });
}
