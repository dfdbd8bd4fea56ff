// main(argv, io) runs one command and returns its exit status, and run() does so for this process. No other file touches
// `process`.

import { utf8 } from './bytes/byte-string.js';
import { plainFlags } from './cli/go-flags.js';
import { markLostBytes, rawCommandLine } from './cli/lost-bytes.js';
import { buildProgram } from './cli/program.js';
import { refusalOf } from './cli/refusal.js';
import { describeError } from './cli/report-error.js';
import type { Context } from './commands/context.js';
import { EXIT, EXIT_BY_SIGNAL, type ExitCode, exitCodeOf } from './commands/exit-code.js';
import type { Io } from './commands/io.js';
import { ENDING_SIGNALS, NUDGE_SIGNAL } from './errors.js';
import { MessageWriter } from './output/terminal/message-writer.js';
import { ProgressLine } from './output/terminal/progress-line.js';
import { styleFor } from './output/terminal/style.js';
import { Writer } from './output/terminal/writer.js';

/** Runs the command that `argv` (without node and script) names. Never throws. */
export async function main(argv: readonly string[], io: Io): Promise<ExitCode> {
  const errStyle = await styleFor(io.stderr, io.env);
  const progress = new ProgressLine(io.stderr, io.now, () => {
    out.push();
    err.push();
  });
  const giveWay = (bytes: string) => progress.giveWay(bytes);
  const out = new Writer(io.stdout, io.stdout.isTTY === true ? giveWay : undefined);
  const err = new MessageWriter(io.stderr, errStyle.columns, giveWay);
  const context: Context = {
    argv,
    io,
    out,
    err,
    progress,
    outStyle: await styleFor(io.stdout, io.env),
    errStyle,
    exitCode: EXIT.ok,
  };
  let exitCode: ExitCode;
  try {
    const program = await buildProgram(context);
    context.argv = plainFlags(argv, program);
    await program.parseAsync(context.argv, { from: 'user' });
    await context.out.flush();
    exitCode = context.exitCode;
  } catch (error) {
    exitCode = await fail(context, refusalOf(error));
  }
  progress.clear();
  await context.err.flush().catch(() => undefined);
  return exitCode;
}

async function fail(context: Context, error: unknown): Promise<ExitCode> {
  let reported = error;
  try {
    // The output from before the failure is still good.
    await context.out.flush();
  } catch (unwritten) {
    if (exitCodeOf(error) === EXIT.ok) reported = unwritten;
  }
  await context.err.write(utf8(describeError(reported))).catch(() => undefined);
  return exitCodeOf(reported);
}

/** Runs the command of this process. */
export async function run(): Promise<void> {
  // Only the owner may read new files, as with etcd.
  process.umask(0o077);
  // That there is a handler is all that a nudge needs (storage/lock-nudge.ts).
  process.on(NUDGE_SIGNAL, () => undefined);
  const exitCode = await main(markLostBytes(process.argv.slice(2), rawCommandLine), {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    now: () => Date.now(),
    onInterrupt(handler) {
      for (const signal of ENDING_SIGNALS) process.on(signal, handler);
      return () => {
        for (const signal of ENDING_SIGNALS) process.off(signal, handler);
      };
    },
  });
  process.exitCode = exitCode;
  // A reader that takes nothing off a full pipe cannot delay an interrupt.
  if (Object.values(EXIT_BY_SIGNAL).includes(exitCode)) process.exit();
}
