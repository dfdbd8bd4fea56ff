// mvccw txn: several requests as one revision, if conditions hold.

import type { Command } from 'commander';
import { utf8 } from '../bytes/byte-string.js';
import { MvccwError } from '../errors.js';
import { chooseKvPrinter } from '../output/kv/kv-printers.js';
import { helpText } from '../output/terminal/help-text.js';
import { applyTxn, checkTxn, isReadOnly, readTxn, type TxnRequest, type TxnResponse } from '../requests/txn-request.js';
import { type TxnPart, TxnText } from '../requests/txn-text.js';
import { withWritableDatabase } from '../storage/database.js';
import type { Context, SharedOptions } from './context.js';
import { readDatabase } from './read-database.js';
import { stdinLines } from './stdin.js';

const HELP = `
Reads three parts from stdin, each ended by an empty line:
  compares            value("KEY") = "VALUE", version("KEY") = N, create("KEY") = N, mod("KEY") = N,
                      lease("KEY") = ID; instead of = also != < >. A key that is not there has 0, and
                      no value.
  success requests    put KEY VALUE, get KEY [RANGE_END], del KEY [RANGE_END], with the options of these
                      commands: they run when all compares hold.
  failure requests    the same: they run when a compare does not hold.

Words with blanks in them stand in quotes: '…' as they are, "…" with \\n, \\", \\xNN and so on.
All changes are one revision; so no key may be put twice, or put and deleted.

Examples:
  mvccw txn                                     it asks for each part
  mvccw txn <<'END'                             take a lock, or show who has it
  create("lock") = "0"

  put lock "me"

  get lock

  END`;

interface Options extends SharedOptions {
  readonly interactive?: boolean;
}

export function defineTxn(command: Command, context: Context): void {
  command
    .option('-i, --interactive', 'say what to type next; the default on a terminal')
    .addHelpText('after', helpText(HELP))
    .action(async () => {
      await run(context, command.optsWithGlobals<Options>());
    });
}

async function run(context: Context, options: Options): Promise<void> {
  const { out, outStyle } = context;
  const printer = await chooseKvPrinter(outStyle, options);
  const request = await readRequest(context, options.interactive ?? false);
  checkTxn(request);
  for (const piece of printer.txn(await runTxn(context, options, request))) await out.write(piece);
}

async function runTxn(context: Context, options: Options, request: TxnRequest): Promise<TxnResponse> {
  if (isReadOnly(request)) return readDatabase(context, options, async ({ store }) => readTxn(store, request));
  const { result } = await withWritableDatabase(
    options.db,
    async ({ store }) => store.write((txn) => applyTxn(txn, request)),
    {
      now: context.io.now,
    },
  );
  return result;
}

const PROMPTS: Readonly<Record<TxnPart, string>> = {
  compares: 'compares:',
  'success requests': 'success requests (get, put, del):',
  'failure requests': 'failure requests (get, put, del):',
};

/** Reads a transaction. On a terminal, the user can type a wrong line again, and the last part ends the input. */
async function readRequest({ io, err }: Context, interactive: boolean): Promise<TxnRequest> {
  const typed = io.stdin.isTTY === true;
  const text = new TxnText();
  let prompted: TxnPart | undefined;
  const prompt = async () => {
    if (!(typed || interactive) || text.part === undefined || text.part === prompted) return;
    prompted = text.part;
    await err.line(PROMPTS[prompted]);
    await err.flush();
  };
  await prompt();
  for await (const line of stdinLines(io)) {
    try {
      text.addLine(line);
    } catch (error) {
      if (!typed || text.isFull || !(error instanceof MvccwError)) throw error;
      await err.line(utf8(`Error: ${error.message}`));
      if (error.hint !== undefined) await err.line(utf8(`Hint: ${error.hint}`));
      await err.line('Type the line again.');
      await err.flush();
    }
    if (typed && text.part === undefined) break;
    await prompt();
  }
  return text.request();
}
