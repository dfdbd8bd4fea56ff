// mvccw put: store a value under a key.

import type { Command } from 'commander';
import { MvccwError } from '../errors.js';
import { chooseKvPrinter } from '../output/kv/kv-printers.js';
import { helpText } from '../output/terminal/help-text.js';
import { ETCDCTL_WORDS } from '../requests/etcdctl-words.js';
import { applyPut, MAX_RECORD_BYTES, type PutOptions, putRequest } from '../requests/put-request.js';
import { PUT_OPTIONS } from '../requests/request-options.js';
import { withWritableDatabase } from '../storage/database.js';
import { argBytes, keyBytes } from './arg-bytes.js';
import type { Context, SharedOptions } from './context.js';
import { addRequestOptions } from './request-options.js';
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
  mvccw put /config/offset -- -5
  mvccw put --key-hex 62ff 'of the bytes 62 and ff'`;

const VALUE_HINT = 'give a value of any bytes on stdin, or in hexadecimal with --value-hex';

export function definePut(command: Command, context: Context): void {
  addRequestOptions(command, PUT_OPTIONS)
    .argument('<key>', 'the key')
    .argument('[value]', 'read from stdin when it is absent')
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
  const printer = await chooseKvPrinter(outStyle, options);
  const fromStdin = value === undefined && !options.ignoreValue;
  const given = value === undefined ? undefined : Buffer.from(argBytes(value, VALUE_HINT), 'latin1');
  const bytes = keyBytes(key);
  const request = putRequest(bytes, fromStdin ? await readValue(context, options) : given, options, ETCDCTL_WORDS);
  const { result } = await withWritableDatabase(
    options.db,
    async ({ store }) => store.write((txn) => applyPut(txn, request)),
    { now: io.now },
  );
  for (const piece of printer.put(result)) await out.write(piece);
}

/** The most characters that a byte takes in hexadecimal: \xNN and a newline. */
const MAX_HEX_CHARS = 5;

async function readValue({ io, err }: Context, { valueHex }: PutOptions): Promise<Buffer> {
  if (io.stdin.isTTY) {
    await err.line('Type the value; Ctrl-D ends it.');
    await err.flush();
  }
  const bytes = await readStdin(io, valueHex ? MAX_HEX_CHARS * MAX_RECORD_BYTES : MAX_RECORD_BYTES);
  if (bytes.length > 0) return bytes;
  throw new MvccwError('USAGE', 'put command needs 1 argument and input from stdin or 2 arguments', {
    hint: "for an empty value: mvccw put KEY ''",
  });
}
