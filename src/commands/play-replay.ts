// Plays a replay and prints it as it comes.

import { utf8 } from '../bytes/byte-string.js';
import type { Detail, ReplayPrinterMaker } from '../output/replay/replay-printer.js';
import { troubleText } from '../output/replay/summary-text.js';
import { timeTextOf } from '../output/replay/time-text.js';
import { actionText } from '../output/replay/trace-text.js';
import { inPieces } from '../output/terminal/pieces.js';
import { plural } from '../output/terminal/plural.js';
import type { Style } from '../output/terminal/style.js';
import type { Writer } from '../output/terminal/writer.js';
import { reportedReplay } from '../replay/findings/reported-replay.js';
import type { CommitClock } from '../replay/run/replay-options.js';
import type { ActionEntry } from '../replay/run/trace.js';
import type { ReplayPlan } from '../replay/scenario/plan.js';
import type { ReplaySource } from '../replay/scenario/scripted-source.js';

interface PlayOptions {
  readonly printer: ReplayPrinterMaker;
  readonly detail: Detail;
  /** Whether the guarantees are checked. */
  readonly check: boolean;
  /** The clock by which times are written; undefined if they are virtual. */
  readonly clock?: CommitClock | undefined;
}

interface Outputs {
  readonly out: Writer;
  readonly err: Writer;
  readonly outStyle: Style;
}

/** Writes each hint once, before anything is replayed, as a replay can take long. */
export async function writeHints({ err }: Pick<Outputs, 'err'>, plans: readonly ReplayPlan[]): Promise<void> {
  for (const hint of new Set(plans.flatMap(({ hints }) => hints))) {
    await err.line(utf8(`Hint: ${hint}`));
  }
  await err.flush();
}

/** Plays and prints a replay. Broken guarantees and exceeded limits go to stderr; returns true when there were none. */
export async function playReplay(
  outputs: Outputs,
  source: ReplaySource,
  plan: ReplayPlan,
  { printer: makePrinter, detail, check, clock }: PlayOptions,
): Promise<boolean> {
  const { out, err, outStyle } = outputs;
  await writeHints(outputs, [plan]);
  const entries = reportedReplay(source.open(plan), plan.options, check);
  const printer = makePrinter(plan, { ...outStyle, clock }, detail);
  await out.write(printer.begin());
  const refused: ActionEntry[] = [];
  let next = entries.next();
  for (; !next.done; next = entries.next()) {
    const entry = next.value;
    if (entry.kind === 'action' && entry.error !== undefined) refused.push(entry);
    if (entry.kind !== 'response') {
      if (detail === 'trace') await out.write(printer.other(entry));
    } else if (detail !== 'summary') {
      for (const piece of inPieces(printer.response(entry))) await out.write(piece);
    }
  }
  const report = next.value;
  await out.write(printer.end(report));
  await out.flush();
  for (const entry of refused) {
    await err.line(utf8(`Hint: at ${timeTextOf(clock)(entry.timeUs)}, ${actionText(entry)}`));
  }
  const { troubles, checked } = report;
  const texts = troubles.map((trouble) => troubleText(trouble, timeTextOf(clock)));
  for (const [text, times] of timesOf(texts)) {
    const often = times === 1 ? '' : ` (${times} times)`;
    await err.line(utf8(`${text}${often}`));
  }
  if (checked.omitted > 0) await err.line(utf8(`and ${plural(checked.omitted, 'more broken guarantee')}`));
  return troubles.length === 0;
}

/** Returns each text once, with the number of times that it is there. */
function timesOf(texts: readonly string[]): Map<string, number> {
  const times = new Map<string, number>();
  for (const text of texts) times.set(text, (times.get(text) ?? 0) + 1);
  return times;
}
