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
export function explorationText({ seedsRun, found, hints }: Explored, firstSeed: number): string {
  const lines = hints.map((hint) => `Hint: ${hint}`);
  if (found === undefined) {
    const last = firstSeed + seedsRun - 1;
    lines.push(`No guarantee is broken in ${plural(seedsRun, 'variation')}, seeds ${firstSeed} to ${last}.`);
  } else {
    lines.push(`${foundText(found, seedsRun)}.`, `Broken guarantee: ${found.violation.message}`);
  }
  return utf8(lines.map((line) => `${line}\n`).join(''));
}

function foundText({ seed, shrinkRuns }: Finding, seedsRun: number): string {
  const where =
    seed === 0
      ? 'The scenario breaks a guarantee as it is'
      : `Seed ${seed} breaks a guarantee, after ${plural(seedsRun - 1, 'variation')} that hold`;
  return shrinkRuns === 0 ? where : `${where}; made smaller in ${plural(shrinkRuns, 'run')}`;
}
