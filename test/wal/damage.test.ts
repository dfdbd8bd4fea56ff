// These tests damage logs: what is read of one is what was written, up to the damage, and the damage is told.

import t, { type Test } from 'tap';
import type { RaftLog } from '../../src/wal/raft-log.js';
import { readLog } from '../../src/wal/read-log.js';
import { LOG_DAMAGES } from '../support/damage-log.js';
import fc from '../support/fast-check.js';
import { logHistory, writeHistory } from '../support/log-histories.js';
import { draws, random, SEED } from '../support/random.js';
import { recordedLog } from '../support/recorded-logs.js';
import { memorySegments } from '../support/wal-segments.js';
import { type Segment, takeApart } from '../support/write-log.js';

const DAMAGES_OF_EACH_KIND = draws(6, 150);
const WRITTEN_LOGS = draws(4, 20);
/** Of the bits of a short log, one of so many is flipped. */
const BIT_STEP = draws(7, 1);
/** The zeros behind the records of a written log, which each damaged one is read to the end of. */
const SLACK_BYTES = 2048;

function read(segments: readonly Segment[]): RaftLog {
  return readLog(memorySegments(segments));
}

function committedEntries(log: RaftLog): string[] {
  const { commit = 0 } = log.hardState ?? {};
  return [...log.entries(log.firstIndex, commit)].map(
    ({ index, term, type, data }) => `${index} of term ${term}, type ${type}: ${data.toString('hex')}`,
  );
}

/** Returns what is wrong with what was read of a damaged log. */
function problemsOf(damaged: RaftLog, whole: RaftLog, isClean: boolean): string[] {
  const problems: string[] = [];
  const [got, wanted] = [committedEntries(damaged), new Set(committedEntries(whole))];
  const strange = got.find((entry) => !wanted.has(entry));
  if (strange !== undefined) problems.push(`has a wrong entry: ${strange.slice(0, 100)}`);
  const isPrefix = got.length === 0 || damaged.firstIndex === whole.firstIndex;
  if (!isPrefix && !isClean) problems.push(`begins at ${damaged.firstIndex}, not at ${whole.firstIndex}`);
  if ((damaged.hardState?.commit ?? 0) > (whole.hardState?.commit ?? 0)) problems.push('has committed more');
  const isTold = damaged.damage !== undefined || damaged.tornTail !== undefined;
  const isWhole = got.length === wanted.size && damaged.lastIndex === whole.lastIndex;
  if (!isTold && !isClean && !isWhole) problems.push('does not tell of the damage');
  if (damaged.damage !== undefined && damaged.tornTail !== undefined) problems.push('is both damaged and torn');
  return problems;
}

function attack(t: Test, name: string, segments: readonly Segment[], below: (n: number) => number, times: number) {
  const records = takeApart(segments);
  const whole = read(segments);
  t.same([whole.damage, whole.tornTail], [undefined, undefined], `${name} is whole`);
  const findings: string[] = [];
  let told = 0;
  for (const [kind, damage] of Object.entries(LOG_DAMAGES)) {
    for (let time = 0; time < times; time++) {
      const { segments: damaged, what, isClean } = damage({ segments, records, draw: below });
      const log = read(damaged);
      if (log.damage !== undefined || log.tornTail !== undefined) told++;
      for (const problem of problemsOf(log, whole, isClean)) findings.push(`${name}, ${kind}: ${what}: ${problem}`);
    }
  }
  t.strictSame(findings.slice(0, 10), [], `${findings.length} findings in ${name}`);
  t.ok(told > 0, `damage of ${name} was told`);
}

t.test('written logs of several segments', async (t) => {
  const below = random(SEED);
  for (const [place, history] of fc.sample(logHistory, { seed: SEED, numRuns: WRITTEN_LOGS }).entries()) {
    const cuts = [3, 9, 15].map(() => ({ furniture: 'cut' }) as const);
    const third = Math.ceil(history.steps.length / 3);
    const steps = cuts.flatMap((cut, i) => [...history.steps.slice(i * third, (i + 1) * third), cut]);
    const { segments } = writeHistory({ ...history, steps });
    const short = segments.map(({ name, bytes }, i) => ({
      name,
      bytes: i < segments.length - 1 ? bytes : bytes.subarray(0, takeApart(segments).at(-1)!.end + SLACK_BYTES),
    }));
    attack(t, `log ${place}`, short, below, DAMAGES_OF_EACH_KIND);
  }
});

t.test('every bit of the records of a short log', async (t) => {
  const put = { request: { kind: 'put', key: 'k', value: 'v' }, isOwn: true, user: '', lag: 0 } as const;
  const furniture = (what: 'noop' | 'confChange' | 'newTerm' | 'snapshot' | 'cut') => ({ furniture: what });
  const between = [furniture('noop'), furniture('confChange'), furniture('newTerm')];
  const steps = [put, ...between, furniture('cut'), put, furniture('snapshot'), put];
  const { segments } = writeHistory({ steps, uncommitted: [] });
  const whole = read(segments);
  const short = segments.map(({ name, bytes }) => ({ name, bytes: bytes.subarray(0, SLACK_BYTES) }));
  const findings: string[] = [];
  let bits = 0;
  for (const { segment, start, end } of takeApart(segments)) {
    const bytes = Buffer.from(short[segment]!.bytes);
    const damaged = short.map((one, place) => (place === segment ? { ...one, bytes } : one));
    for (let bit = start * 8 + (bits % BIT_STEP); bit < end * 8; bit += BIT_STEP) {
      const [byte, mask] = [bit >>> 3, 1 << (bit & 7)];
      bytes[byte]! ^= mask;
      for (const problem of problemsOf(read(damaged), whole, false)) {
        findings.push(`bit ${bit & 7} of byte ${byte} of segment ${segment}: ${problem}`);
      }
      bytes[byte]! ^= mask;
      bits++;
    }
  }
  t.strictSame(findings.slice(0, 10), [], `${findings.length} findings of ${bits} bits`);
});

t.test('logs of real servers', async (t) => {
  const below = random(SEED);
  attack(t, 'behind-35', recordedLog('behind-35', 'm3'), below, draws(2, 30));
  attack(t, 'cluster-35', recordedLog('cluster-35', 'm1'), below, draws(1, 30));
});
