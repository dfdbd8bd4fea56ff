// Runs a replay and prints it as it comes.

import { checkedReplay, type OpenedReplay } from '../replay/checked-replay.js';
import type { ReplayPlan } from '../replay/plan.js';
import { ReplaySummary } from '../replay/summary.js';
import { choosePrinter } from './registry.js';
import { REPLAY_PRINTERS } from './replay-printer.js';
import type { Style } from './style.js';
import { utf8, type Writer } from './writer.js';

export interface PlayOptions {
  readonly format: string;
  /** Everything that happens, not only the responses. */
  readonly trace: boolean;
  /** Whether to check the guarantees. */
  readonly check: boolean;
}

interface Outputs {
  readonly out: Writer;
  readonly err: Writer;
  readonly outStyle: Style;
}

/** Broken guarantees go to stderr; true when none was. Throws USAGE for a format that there is not. */
export async function playReplay(
  { out, err, outStyle }: Outputs,
  open: () => OpenedReplay,
  plan: ReplayPlan,
  { format, trace, check }: PlayOptions,
): Promise<boolean> {
  const printer = choosePrinter(REPLAY_PRINTERS, format)(outStyle);
  for (const hint of plan.hints) await err.line(utf8(`Hint: ${hint}`));
  const summary = new ReplaySummary(plan.options);
  const entries = checkedReplay(open(), plan.options, check);
  let next = entries.next();
  for (; !next.done; next = entries.next()) {
    summary.add(next.value);
    if (next.value.kind === 'response') await out.write(printer.response(next.value));
    else if (trace) await out.write(printer.other(next.value));
  }
  await out.write(printer.end(summary.watchers()));
  await out.flush();
  const { violations, omitted } = next.value;
  for (const { message } of violations) await err.line(utf8(`Broken guarantee: ${message}`));
  if (omitted > 0) await err.line(utf8(`and ${omitted} more`));
  return violations.length === 0;
}
