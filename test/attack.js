// `npm run attack -- [--minutes N] [--seed S] [--only GENERATOR] [--attempt N] [--jobs N]` damages inputs and kills
// commands, and judges how each command ends, for 10 minutes by default. `--attempt` repeats a single attempt. The last
// lines are a table of all outcomes. The exit status is 1 if there are findings.

import { parseArgs } from 'node:util';
import { linkSources } from './support/link-sources.js';
import { projectFile } from './support/root.js';

linkSources();
/** @type {typeof import('./attack/runner.js')} */
const { attack, GENERATORS } = await import(projectFile('.build/test/attack/runner.js'));

const USAGE = `usage: npm run attack -- [--minutes N] [--seed S] [--only GENERATOR]... [--attempt N] [--jobs N]
generators: ${GENERATORS.map(({ name }) => name).join(', ')}`;

/** @param {string} problem @returns {never} */
function refuse(problem) {
  console.error(`${problem}\n${USAGE}`);
  process.exit(2);
}

/** @param {string | undefined} text @param {string} name @param {number} otherwise */
function numberOf(text, name, otherwise) {
  const number = text === undefined ? otherwise : Number(text);
  return Number.isFinite(number) && number >= 0 ? number : refuse(`--${name} ${text}: expected a number`);
}

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    minutes: { type: 'string' },
    only: { type: 'string', multiple: true },
    attempt: { type: 'string' },
    jobs: { type: 'string' },
  },
});
const stranger = values.only?.find((name) => !GENERATORS.some((generator) => generator.name === name));
if (stranger !== undefined) refuse(`--only ${stranger}: no such generator`);
const seed = Math.floor(numberOf(values.seed, 'seed', Date.now() % 2 ** 31));
const minutes = numberOf(values.minutes, 'minutes', 10);
const one = values.attempt === undefined ? undefined : numberOf(values.attempt, 'attempt', 0);

console.log(`seed ${seed}`);
const tally = await attack({
  seed,
  ...(values.only !== undefined && { only: values.only }),
  ...(one === undefined ? { endMs: Date.now() + minutes * 60_000 } : { from: one, attempts: () => 1 }),
  jobs: numberOf(values.jobs, 'jobs', 2),
  log: console.log,
});
console.log(`\n${tally.summary()}`);
for (const [line, count] of [...tally.told].sort(([, a], [, b]) => b - a)) console.log(`told ${count} times: ${line}`);
if (tally.findings.length > 0) console.log(`seed ${seed}; inputs in ${tally.folder}`);
process.exitCode = tally.findings.length > 0 ? 1 : 0;
