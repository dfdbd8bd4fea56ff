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
import { takeApart, timeIn } from './support/several-files.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const BUILD = join(ROOT, '.build');
const TIMES = join(BUILD, 'times.json');
/** A job more than there are processors uses the time in which a test waits. */
const JOBS = availableParallelism() + 1;
/** The files that take the longest. They run first where no earlier run has left its times. */
const LONGEST = [
  'test/storage/sharing.test.ts',
  'test/attack/attack.test.ts',
  'test/commands/explore.test.ts',
  'test/replay/steps/step-runner.test.ts',
  'test/scripts/scripts.test.ts',
  'test/commands/completion.test.ts',
  'test/commands/watch.test.ts',
  'test/transcripts.test.ts',
  'test/documentation.test.ts',
  'test/commands/put.test.ts',
  'test/replay/releases/etcd-release.test.ts',
  'test/attack/soak.test.ts',
  'test/replay/guarantees/guarantees.test.ts',
  'test/storage/disk.test.ts',
];
/**
 * The folders whose tests need no process of their own. Their files share processes: to start one, with the libraries
 * of tap and those of the program, takes longer than most of them.
 */
const SHARING = [
  'adt',
  'bbolt',
  'bytes',
  'cli',
  'commands',
  'inspect',
  'kube',
  'mvcc',
  'output',
  'replay',
  'requests',
  'snapshots',
  'wal',
  'watch',
];
const FILES_A_PROCESS = 12;
/** A module keeps the name by which tests import it: Node 20 sometimes loads it again, under the name behind the link. */
const NODE_OPTIONS = ['--enable-source-maps', '--preserve-symlinks'];
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

/** @param {string} file */
const compiled = (file) => join('.build', file.replace(/\.ts$/, '.js'));

/**
 * Returns the files that each process runs.
 * @param {readonly string[]} files @returns {string[][]}
 */
function inGroups(files) {
  const shares = (/** @type {string} */ file) => SHARING.includes(file.split('/')[1] ?? '') && !LONGEST.includes(file);
  const sharing = files.filter(shares).sort();
  const groups = files.filter((file) => !shares(file)).map((file) => [file]);
  const count = Math.ceil(sharing.length / FILES_A_PROCESS);
  for (let i = 0; i < count; i++) groups.push(sharing.filter((_, place) => place % count === i));
  return groups;
}

/**
 * Runs test files in a plain process. A process that tap starts gets a loader and passes it on to each process that it
 * starts itself, which makes them twice as slow.
 * @param {readonly string[]} files @returns {Promise<Outcome[]>}
 */
async function runFiles(files) {
  const scripts = files.map(compiled);
  const start = performance.now();
  const script = scripts.length > 1 ? [join('test', 'support', 'run-files.js'), ...scripts] : scripts;
  const child = spawn(process.execPath, [...NODE_OPTIONS, ...script], {
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
  const failure = failureOf(tap, status, signal);
  const ms = Math.round(performance.now() - start);
  if (scripts.length === 1) return files.map((file) => ({ file, tap, failure, ms }));
  const outcomes = takeApart(files, tap).map((part, i) => {
    const failed = failureOf(part, /^not ok/m.test(part) ? 1 : 0, null);
    return { file: files[i] ?? '', tap: part, failure: failed, ms: timeIn(part) };
  });
  // Where no file tells why the process failed, it was something that all of them share.
  const toldOf = outcomes.some((outcome) => outcome.failure !== undefined);
  return failure === undefined || toldOf ? outcomes : outcomes.map((outcome) => ({ ...outcome, failure }));
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
const files = named.length > 0 ? named : allTests();

console.log(`seed ${SEED}`);
const reporter = new Reporter();
reporter.pipe(process.stdout);
reporter.write(`TAP version 14\n1..${files.length}\n`);
/** @type {Outcome[]} */
const outcomes = [];
// The groups that take the longest run first, so that all jobs have work to the end.
const timeOf = (/** @type {readonly string[]} */ group) => group.reduce((sum, file) => sum + (times[file] ?? 0), 0);
const waiting = inGroups(files).sort((a, b) => timeOf(b) - timeOf(a));
async function work() {
  for (let group = waiting.shift(); group !== undefined; group = waiting.shift()) {
    for (const outcome of await runFiles(group)) {
      outcomes.push(outcome);
      reporter.write(asSubtest(outcome, outcomes.length));
    }
  }
}
await Promise.all(Array.from({ length: JOBS }, work));
reporter.end();
process.exitCode = outcomes.every(({ failure }) => failure === undefined) ? 0 : 1;
if (named.length === 0) {
  writeFileSync(TIMES, JSON.stringify(Object.fromEntries(outcomes.map(({ file, ms }) => [file, ms])), undefined, 1));
}
