// Prints what a search for trouble has found: the scenario goes to stdout, and what is wrong in it to stderr.

import { utf8 } from '../../bytes/byte-string.js';
import type { Explored, Finding } from '../../replay/explore/explore.js';
import type { Trouble } from '../../replay/findings/trouble.js';
import type { EtcdRelease } from '../../replay/releases/etcd-release.js';
import { formatScenario } from '../../replay/scenario/format-scenario.js';
import { exceededJson } from '../formats/api-json.js';
import { toJson } from '../formats/json.js';
import { fill } from '../terminal/fill.js';
import { plural } from '../terminal/plural.js';
import type { Style } from '../terminal/style.js';
import { troubleText } from './summary-text.js';

type Printer = (found: Finding, seedsRun: number) => string;

export const FINDING_PRINTERS: Readonly<Record<string, Printer>> = {
  simple: ({ scenario }) => utf8(formatScenario(scenario)),
  json: ({ seed, trouble, scenario }, seedsRun) =>
    utf8(`${toJson({ seed, seedsRun, ...troubleJson(trouble), scenario })}\n`),
};

function troubleJson(trouble: Trouble): object {
  if ('exceeded' in trouble) return exceededJson(trouble.exceeded);
  const { guarantee, watcher, revision, key, message } = trouble.violation;
  return {
    guarantee,
    watcher,
    revision,
    ...(key !== undefined && { key: Buffer.from(key, 'latin1') }),
    message,
  };
}

/** Returns the lines for stderr. */
export function explorationText(
  { seedsRun, found, hints, release }: Explored,
  firstSeed: number,
  { columns }: Style,
): string {
  const lines = hints.map((hint) => `Hint: ${hint}`);
  if (found === undefined) {
    const last = firstSeed + seedsRun - 1;
    lines.push(
      `Nothing found in ${plural(seedsRun, 'variation')}, seeds ${firstSeed} to ${last}, in etcd ${release.version}.`,
    );
  } else {
    lines.push(`${foundText(found, seedsRun, release)}.`, fill(troubleText(found.trouble), columns, 2));
  }
  return utf8(lines.map((line) => `${line}\n`).join(''));
}

function foundText({ seed, shrinkRuns }: Finding, seedsRun: number, { version }: EtcdRelease): string {
  const where = seed === 0 ? 'Found in the scenario as it is' : `Found at seed ${seed}, in variation ${seedsRun}`;
  const found = `${where}, in etcd ${version}`;
  return shrinkRuns === 0 ? found : `${found}; made smaller in ${plural(shrinkRuns, 'run')}`;
}
