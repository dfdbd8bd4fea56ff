// Prints what a search for trouble has found: the scenario on stdout, what it is about on stderr.

import type { Explored, Finding } from '../replay/explore/explore.js';
import { formatScenario } from '../replay/format-scenario.js';
import { toJson } from './json.js';
import { plural } from './plural.js';
import { utf8 } from './writer.js';

type Printer = (found: Finding, seedsRun: number) => string;

export const FINDING_PRINTERS: Readonly<Record<string, Printer>> = {
  simple: ({ scenario }) => utf8(formatScenario(scenario)),
  json: ({ seed, violation: { guarantee, watcher, revision, key, message }, scenario }, seedsRun) =>
    utf8(
      `${toJson({
        seed,
        seedsRun,
        guarantee,
        watcher,
        revision,
        ...(key !== undefined && { key: Buffer.from(key, 'latin1') }),
        message,
        scenario,
      })}\n`,
    ),
};

/** The lines for stderr. */
export function explorationText({ seedsRun, found }: Explored, firstSeed: number): string {
  if (found === undefined) {
    const last = firstSeed + seedsRun - 1;
    return utf8(`No guarantee is broken in ${plural(seedsRun, 'variation')}, seeds ${firstSeed} to ${last}.\n`);
  }
  const where =
    found.seed === 0
      ? 'The scenario breaks a guarantee as it is'
      : `Seed ${found.seed} breaks a guarantee, after ${plural(seedsRun - 1, 'variation')} that hold`;
  const shrunk = found.shrinkRuns === 0 ? '' : `; made smaller in ${plural(found.shrinkRuns, 'run')}`;
  return utf8(`${where}${shrunk}.\nBroken guarantee: ${found.violation.message}\n`);
}
