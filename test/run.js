// Runs test files that `tsc -b test` has compiled, two at a time: `node test/run.js [FILE...]`, all without a FILE.
// `npx tap FILE` gives the same answers; it compiles each file anew, which takes longer than most of the tests.

import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import Reporter from './reporter.js';
import { SEED } from './support/random.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const BUILD = join(ROOT, '.build');
const TIMES = join(BUILD, 'times.json');
const JOBS = 2;
/** Far above what any file takes, even on a busy machine. */
const TIMEOUT_SECONDS = 240;

/** @returns {string[]} every test file, below the top folder */
function allTests() {
  return readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.test.ts'))
    .map((path) => join('test', path))
    .sort();
}

/** @returns {Record<string, number>} how long each file took when all were last run, in ms */
function lastTimes() {
  return existsSync(TIMES) ? JSON.parse(readFileSync(TIMES, 'utf8')) : {};
}

/** The compiled tests import the sources as `../src`, which are compiled in dist. */
function linkSources() {
  mkdirSync(BUILD, { recursive: true });
  const link = join(BUILD, 'src');
  if (!existsSync(link)) symlinkSync(join('..', 'dist'), link, 'dir');
}

/** @param {string} file @returns {Promise<number>} how long it took, in ms */
async function runFile(file) {
  const script = join('.build', file.replace(/\.ts$/, '.js'));
  const env = { ...process.env, TAP_TIMEOUT: String(TIMEOUT_SECONDS) };
  const options = { cwd: ROOT, env, timeout: TIMEOUT_SECONDS * 1000 };
  let start = 0;
  const run = t.spawn(process.execPath, ['--enable-source-maps', script], options, file);
  run.subtest?.once('preprocess', () => {
    start = performance.now();
  });
  await run;
  return Math.round(performance.now() - start);
}

const named = process.argv.slice(2).map((path) => relative(ROOT, path));
const missing = named.filter((path) => !path.endsWith('.test.ts') || !existsSync(join(ROOT, path)));
if (missing.length > 0) {
  console.error(`no test files: ${missing.join(' ')}`);
  process.exit(2);
}
linkSources();
const times = lastTimes();
// The longest first, so that both jobs have work to the end.
const files = named.length > 0 ? named : allTests().sort((a, b) => (times[b] ?? 0) - (times[a] ?? 0));

console.log(`seed ${SEED}`);
t.register();
t.pipe(new Reporter()).pipe(process.stdout);
t.setTimeout(0);
t.jobs = JOBS;
t.plan(files.length);
const taken = await Promise.all(files.map(async (file) => /** @type {const} */ ([file, await runFile(file)])));
if (named.length === 0) writeFileSync(TIMES, JSON.stringify(Object.fromEntries(taken), undefined, 1));
