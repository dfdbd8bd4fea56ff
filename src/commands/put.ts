// mvccw put: store a value under a key.

import type { Command } from 'commander';
import { MvccwError } from '../errors.js';
import { chooseKvPrinter } from '../output/kv/kv-printers.js';
import { helpText } from '../output/terminal/help-text.js';
import { parseLeaseId } from '../requests/option-values.js';
import { applyPut, MAX_RECORD_BYTES, type PutOptions, putRequest } from '../requests/put-request.js';
import { withWritableDatabase } from '../storage/database.js';
import { argBytes } from './arg-bytes.js';
import type { Context, SharedOptions } from './context.js';
import { readStdin } from './stdin.js';

const HELP = `
Without VALUE the value is read from stdin, byte for byte, newlines too. The database is made if it
is not there yet. Before a key or value that begins with a dash, put "--".

Examples:
  mvccw put /config/colour blue
  mvccw put /config/logo < logo.png
  mvccw put /config/colour green --prev-kv      and print what was there before
  mvccw put job/1 running --lease=694d7a2b3c4d5e6f
  mvccw put job/1 done --ignore-lease           keep the lease that the key has
  mvccw put /config/offset -- -5`;

export function definePut(command: Command, context: Context): void {
  command
    .argument('<key>', 'the key')
    .argument('[value]', 'read from stdin when it is absent')
    .option('--prev-kv', 'print the record before as well')
    .option('--lease <id>', 'attach the key to this lease, in hexadecimal', (text: string) => parseLeaseId(text))
    .option('--ignore-value', 'keep the value that the key has')
    .option('--ignore-lease', 'keep the lease that the key has')
    .addHelpText('after', helpText(HELP))
    .action(async (key: string, value: string | undefined) => {
      await run(context, command.optsWithGlobals<SharedOptions & PutOptions>(), key, value);
    });
}

async function run(
  context: Context,
  options: SharedOptions & PutOptions,
  key: string,
  value: string | undefined,
): Promise<void> {
  const { io, out, outStyle } = context;
  const printer = chooseKvPrinter(outStyle, options);
  const keyBytes = argBytes(key);
  const fromStdin = value === undefined && !options.ignoreValue;
  const given = value === undefined ? undefined : Buffer.from(argBytes(value), 'latin1');
  const request = putRequest(keyBytes, fromStdin ? await readValue(context) : given, options);
  const { result } = await withWritableDatabase(
    options.db,
    async ({ store }) => store.write((txn) => applyPut(txn, request)),
    { now: io.now },
  );
  for (const piece of printer.put(result)) await out.write(piece);
}

async function readValue({ io, err }: Context): Promise<Buffer> {
  if (io.stdin.isTTY) {
    await err.line('Type the value; Ctrl-D ends it.');
    await err.flush();
  }
  const bytes = await readStdin(io, MAX_RECORD_BYTES);
  if (bytes.length > 0) return bytes;
  throw new MvccwError('USAGE', 'put command needs 1 argument and input from stdin or 2 arguments', {
    hint: "for an empty value: mvccw put KEY ''",
  });
}
