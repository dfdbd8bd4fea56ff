// `node test/run.js [FILE...]` runs test files that `tsc -b test` has compiled, a few at a time; without a FILE, it runs
// all of them. `npx tap FILE` gives the same answers, but compiles each file anew, which takes longer than most tests.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import Reporter from './reporter.js';
import { linkSources } from './support/link-sources.js';
import { SEED } from './support/random.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const BUILD = join(ROOT, '.build');
const TIMES = join(BUILD, 'times.json');
/** A job more than there are processors uses the time in which a test waits. */
const JOBS = availableParallelism() + 1;
/** The files that take the longest. They run first where no earlier run has left its times. */
const LONGEST = [
  'test/commands/explore.test.ts',
  'test/storage/sharing.test.ts',
  'test/replay/steps/step-runner.test.ts',
  'test/commands/completion.test.ts',
  'test/attack/soak.test.ts',
  'test/damage.test.ts',
];
/** The time limit is far above what any file takes, even on a busy machine. */
const TIMEOUT_SECONDS = 240;

/** @returns {string[]} every test file, below the top folder */
function allTests() {
  return readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.test.ts'))
    .map((path) => join('test', path))
    .sort();
}

/** @returns {Record<string, number>} how long each file took when all were last run, in ms, or a guess */
function lastTimes() {
  if (existsSync(TIMES)) return JSON.parse(readFileSync(TIMES, 'utf8'));
  return Object.fromEntries(LONGEST.map((file, place) => [file, LONGEST.length - place]));
}

/**
 * @typedef {object} Outcome
 * @property {string} file
 * @property {string} tap what the tests have said
 * @property {string | undefined} failure how the process has failed, if it has
 * @property {number} ms
 */

/**
 * Runs a test file in a plain process. A process that tap starts gets a loader and passes it on to each process that it
 * starts itself, which makes them twice as slow.
 * @param {string} file @returns {Promise<Outcome>}
 */
async function runFile(file) {
  const script = join('.build', file.replace(/\.ts$/, '.js'));
  const start = performance.now();
  const child = spawn(process.execPath, ['--enable-source-maps', script], {
    cwd: ROOT,
    env: { ...process.env, TAP_TIMEOUT: String(TIMEOUT_SECONDS) },
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: (TIMEOUT_SECONDS + 10) * 1000,
    killSignal: 'SIGKILL',
  });
  let tap = '';
  child.stdout.setEncoding('utf8').on('data', (chunk) => {
    tap += chunk;
  });
  const [status, signal] = await once(child, 'close');
  return { file, tap, failure: failureOf(tap, status, signal), ms: Math.round(performance.now() - start) };
}

/**
 * @param {string} tap @param {number | null} status @param {string | null} signal
 * @returns {string | undefined}
 */
function failureOf(tap, status, signal) {
  if (signal !== null) return `ended by ${signal}`;
  if (status !== 0) return `exit status ${status}`;
  return /^1\.\.[1-9]/m.test(tap) ? undefined : 'no tests';
}

/**
 * Returns the outcome as one subtest of the whole run.
 * @param {Outcome} outcome @param {number} number
 */
function asSubtest({ file, tap, failure, ms }, number) {
  const lines = tap.replace(/^TAP version .*\n/, '').replace(/^(?=.)/gm, '    ');
  const diagnostics = failure === undefined ? '' : `  ---\n  ended: ${failure}\n  ...\n`;
  return `# Subtest: ${file}\n${lines}${failure === undefined ? '' : 'not '}ok ${number} - ${file} # time=${ms}ms\n${diagnostics}\n`;
}

const named = process.argv.slice(2).map((path) => relative(ROOT, path));
const missing = named.filter((path) => !path.endsWith('.test.ts') || !existsSync(join(ROOT, path)));
if (missing.length > 0) {
  console.error(`no test files: ${missing.join(' ')}`);
  process.exit(2);
}
linkSources();
const times = lastTimes();
// The longest files run first, so that all jobs have work to the end.
const files = named.length > 0 ? named : allTests().sort((a, b) => (times[b] ?? 0) - (times[a] ?? 0));

console.log(`seed ${SEED}`);
const reporter = new Reporter();
reporter.pipe(process.stdout);
reporter.write(`TAP version 14\n1..${files.length}\n`);
/** @type {Outcome[]} */
const outcomes = [];
const waiting = [...files];
async function work() {
  for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
    const outcome = await runFile(file);
    outcomes.push(outcome);
    reporter.write(asSubtest(outcome, outcomes.length));
  }
}
await Promise.all(Array.from({ length: JOBS }, work));
reporter.end();
process.exitCode = outcomes.every(({ failure }) => failure === undefined) ? 0 : 1;
if (named.length === 0) {
  writeFileSync(TIMES, JSON.stringify(Object.fromEntries(outcomes.map(({ file, ms }) => [file, ms])), undefined, 1));
}
