// This module compares runs of step scenarios with recorded traces, one by one or in whole folders. It is plain
// JavaScript and is given the code under test, because the tests run it on src and `npm run traces` on dist.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** @typedef {import('../../src/replay/steps/step-op.js').StepOp} StepOp */

/**
 * A runner is the code under test.
 * @typedef {object} Runner
 * @property {typeof import('../../src/replay/steps/step-scenario.js').parseStepScenario} parseStepScenario
 * @property {typeof import('../../src/replay/steps/step-runner.js').runStepScenario} runStepScenario
 * @property {typeof import('../../src/storage/lmdb-backend.js').LmdbBackend} LmdbBackend
 */

/**
 * A difference is the first line that differs, counted from 1; `wanted` and `got` are JSON, or undefined if that side
 * has ended.
 * @typedef {{ line: number, op: string | undefined, wanted: string | undefined, got: string | undefined }} Difference
 */

/**
 * @param {readonly unknown[]} scenario
 * @param {readonly unknown[]} trace
 * @param {Iterable<unknown>} answers
 * @returns {Difference | undefined}
 */
export function firstDifference(scenario, trace, answers) {
  const given = answers[Symbol.iterator]();
  for (let i = 0; ; i++) {
    const next = given.next();
    // JSON.stringify keeps the order of fields, and the recorder wrote them in the runner's order.
    const got = next.done ? undefined : JSON.stringify(next.value);
    const wanted = i < trace.length ? JSON.stringify(trace[i]) : undefined;
    if (got !== wanted) {
      given.return?.();
      return { line: i + 1, op: i < scenario.length ? JSON.stringify(scenario[i]) : undefined, wanted, got };
    }
    if (got === undefined) return undefined;
  }
}

/**
 * Reads a bundle of fixtures, which is gzipped JSON Lines.
 * @param {string} file
 * @returns {{ name: string, about?: string, scenario: StepOp[], trace: unknown[] }[]}
 */
export function readBundle(file) {
  return gunzipSync(readFileSync(file))
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

const MAX_SHOWN_CHARS = 400;

/** @param {string | undefined} json */
function shown(json) {
  if (json === undefined) return '(nothing)';
  if (json.length <= MAX_SHOWN_CHARS) return json;
  return `${json.slice(0, MAX_SHOWN_CHARS)}… (${json.length} characters)`;
}

/**
 * Returns a description of the difference, cut so that it shows where the two sides part.
 * @param {Difference} difference
 */
export function describeDifference({ line, op, wanted, got }) {
  let same = 0;
  if (wanted !== undefined && got !== undefined) {
    while (same < wanted.length && wanted[same] === got[same]) same++;
  }
  const from = same > MAX_SHOWN_CHARS / 2 ? same - MAX_SHOWN_CHARS / 4 : 0;
  const cut = (/** @type {string | undefined} */ json) =>
    from > 0 && json ? `…${shown(json.slice(from))}` : shown(json);
  return `line ${line} differs\n  op      ${shown(op)}\n  wanted  ${cut(wanted)}\n  got     ${cut(got)}`;
}

const PART = /^(.+)\.(scenario|trace)\.jsonl(\.gz)?$/;

/**
 * Returns the pairs of a folder: the files of each name.
 * @param {string} directory
 */
export function findPairs(directory) {
  /** @type {Map<string, { scenario?: string, trace?: string, twice?: string }>} */
  const pairs = new Map();
  for (const file of readdirSync(directory).sort()) {
    const match = PART.exec(file);
    if (match === null) continue;
    const [, name = '', part] = match;
    const pair = pairs.get(name) ?? {};
    pairs.set(name, pair);
    const key = part === 'scenario' ? 'scenario' : 'trace';
    if (pair[key] === undefined) pair[key] = join(directory, file);
    else pair.twice = file;
  }
  return pairs;
}

/** @param {string} file */
function readText(file) {
  const bytes = readFileSync(file);
  return (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
}

/**
 * @param {string} file
 * @returns {unknown[]}
 */
function readTrace(file) {
  return readText(file)
    .split('\n')
    .flatMap((line, i) => {
      if (line.trim() === '') return [];
      try {
        return [JSON.parse(line)];
      } catch (error) {
        throw new Error(`${file}:${i + 1}: ${/** @type {Error} */ (error).message}`);
      }
    });
}

/**
 * Returns what is wrong with a pair; undefined if the run produces the trace.
 * @param {{ scenario?: string, trace?: string, twice?: string }} pair
 * @param {Runner} runner
 * @returns {string | undefined}
 */
function checkPair({ scenario, trace, twice }, runner) {
  if (twice !== undefined) return `there twice, packed and not: ${twice}`;
  if (scenario === undefined) return 'a trace without a scenario';
  if (trace === undefined) return 'a scenario without a trace';
  const database = mkdtempSync(join(tmpdir(), 'mvccw-traces-'));
  try {
    const wanted = readTrace(trace);
    const ops = runner.parseStepScenario(readText(scenario), scenario);
    if (ops.length === 0) return 'the scenario is empty';
    const answers = runner.runStepScenario(
      ops,
      () => new runner.LmdbBackend(database, { durable: false, hidden: true }),
    );
    const difference = firstDifference(ops, wanted, answers);
    return difference && describeDifference(difference);
  } catch (error) {
    return `failed: ${error instanceof Error ? error.message : error}`;
  } finally {
    rmSync(database, { recursive: true, force: true });
  }
}

/**
 * Checks all pairs of folders on LMDB and prints the differences, then the counts. Returns the exit code: 0 if all
 * passed, 1 if some failed, 2 if there was nothing to check.
 * @param {readonly string[]} directories
 * @param {Runner} runner
 * @param {{ out: (line: string) => void, err: (line: string) => void }} io
 * @returns {0 | 1 | 2}
 */
export function checkFolders(directories, runner, io) {
  if (directories.length === 0 || directories.some((directory) => directory.startsWith('-'))) {
    io.err('usage: npm run traces -- DIR...   (folders of NAME.scenario.jsonl[.gz] and NAME.trace.jsonl[.gz])');
    return 2;
  }
  const folders = [];
  for (const directory of directories) {
    try {
      folders.push({ directory, pairs: findPairs(directory) });
    } catch (error) {
      io.err(`cannot read ${directory}: ${/** @type {Error} */ (error).message}`);
      return 2;
    }
    if (folders[folders.length - 1]?.pairs.size === 0) {
      io.err(`no NAME.scenario.jsonl[.gz] and NAME.trace.jsonl[.gz] in ${directory}`);
      return 2;
    }
  }
  let passed = 0;
  let failed = 0;
  for (const { directory, pairs } of folders) {
    for (const [name, pair] of pairs) {
      const problem = checkPair(pair, runner);
      if (problem === undefined) {
        passed++;
      } else {
        failed++;
        io.out(`${join(directory, name)}: ${problem}`);
      }
    }
  }
  io.out(`${passed} passed, ${failed} failed`);
  return failed > 0 ? 1 : 0;
}
