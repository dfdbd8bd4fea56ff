// `npm run fuzz -- [--seed N] [--minutes N]` runs the tests that draw random values, with one seed after the other,
// until time is up (5 minutes by default) or a test fails.

import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { projectFile } from './support/root.js';

/** The imports by which a test file gets its seed, directly or through generators that tests share. */
const DRAWS = /from '[./]+(?:support\/)?(?:fast-check|random|arbitraries|table-steps|store-steps)\.js'/;
const FAILED_FILE = /^not ok +(test\/\S+\.test\.ts) +\d+ ms$/gm;

/** @param {string | undefined} text @param {string} name @param {number} otherwise */
function numberOf(text, name, otherwise) {
  const number = text === undefined ? otherwise : Number(text);
  if (Number.isFinite(number) && number >= 0) return number;
  console.error(`--${name} ${text}: expected a number\nusage: npm run fuzz -- [--seed N] [--minutes N]`);
  process.exit(2);
}

const { values } = parseArgs({ options: { seed: { type: 'string' }, minutes: { type: 'string' } } });
const firstSeed = Math.floor(numberOf(values.seed, 'seed', Date.now() % 2 ** 31));
const end = Date.now() + numberOf(values.minutes, 'minutes', 5) * 60_000;
const files = readdirSync(projectFile('test'), { recursive: true, encoding: 'utf8' })
  .map((path) => `test/${path}`)
  .filter((path) => path.endsWith('.test.ts') && DRAWS.test(readFileSync(projectFile(path), 'utf8')));

for (let seed = firstSeed; ; seed++) {
  console.log(`seed ${seed}, ${files.length} files`);
  const { status, stdout } = spawnSync(process.execPath, [projectFile('test/run.js'), ...files], {
    env: { ...process.env, MVCCW_SEED: String(seed) },
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) {
    const failed = [...stdout.matchAll(FAILED_FILE)].map(([, file]) => file);
    console.log(`${stdout}repeat with: MVCCW_SEED=${seed} npm run test:one -- ${failed.join(' ')}`);
    process.exitCode = 1;
    break;
  }
  if (Date.now() >= end) break;
}
