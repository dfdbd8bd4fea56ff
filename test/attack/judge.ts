// The judge compares what a command does on damaged input with what it does on the undamaged one. Each command ends in
// the answer of the undamaged input, in exit status 3, or with a line on stderr that the undamaged input does not cause.
// Everything else is a finding.

import type { Outcome } from './worker-pool.js';

/** The ways of ending well. */
export const GOOD = ['same', 'refused', 'told', 'undetectable'] as const;
/** The ways of ending badly. */
export const FINDINGS = [
  'wrong',
  'harmed',
  'missed',
  'lost',
  'leftover',
  'death',
  'bug',
  'hang',
  'memory',
  'status',
  'unplaced',
] as const;
export type Finding = (typeof FINDINGS)[number];
export type Verdict = (typeof GOOD)[number] | Finding;

export const isFinding = (verdict: Verdict): verdict is Finding => (FINDINGS as readonly string[]).includes(verdict);

export const MAX_BYTES = 500 * 1024 * 1024;

const EXIT_CORRUPT = 3;
/** A revision that is missing, with a remark that says why. */
const EXIT_NOT_THERE = 4;
const EXIT_BUG = 70;

/** What status says of the file, and of damage that takes nothing away, is no part of the answer. */
const ABOUT_THE_FILE =
  /"(txid|sizeBytes|digest|kind)":("[^"]*"|\d+),?|"(metaProblems|problems)":\[.*?\],?|"freePages":\d+,?|"freelistStored":(true|false),?/g;
/** What defrag says: it depends on the size of the file, which is longer after something was added to it. */
const DEFRAGMENTED = /^(Finished defragmenting .*|.* stays as it is: .*)$/m;
/** The words of a line that says what is missing or damaged. Other hints speak of the contents. */
const DAMAGE =
  /damage|cut short|never finished|missing|lost|taken off|follows? the last page|older|not read|wrong|unknown/;
/** The damage that status and check print as results. */
const PROBLEMS = /"problems":\["|"kind":"(?:wal-)?finding"/;

/** An error says where the damage is: a page, a byte, a record, a table, a file, or the file as a whole. */
const PLACE =
  /write-ahead log|page \d+|meta \d|byte \d+|revision \d+|revision key|in key \w+|record|lease \w{16}|bucket|SHA-256|not a bbolt file|data\.mdb|\.mdb|cannot (open|read|write to) |LMDB|table|watcher/;

/** Returns the answer of a command, without what only describes its file. */
function answerOf({ stdout }: Outcome): string {
  return stdout.replaceAll(ABOUT_THE_FILE, '').replace(DEFRAGMENTED, 'defragmented');
}

/** Returns the lines of stderr in a form in which only the words count. */
function remarksOf({ stderr }: Outcome): Set<string> {
  return new Set(stderr.split('\n').map((line) => line.replace(/\d+/g, '0')));
}

export interface Judgement {
  readonly verdict: Verdict;
  readonly why: string;
}

/**
 * Judges `found` by `right`, the outcome of the same command on the undamaged input. `mayDiffer` tells whether nothing
 * in the damaged input contradicts the damage, so that no reader could notice it.
 */
export function judge(found: Outcome, right: Outcome, mayDiffer: (found: Outcome) => boolean): Judgement {
  const { end, stderr } = found;
  if (end.kind === 'hang') return { verdict: 'hang', why: 'it did not end' };
  if (end.kind === 'death') return { verdict: 'death', why: `${end.how}: ${stderr.slice(0, 300)}` };
  if (end.status === EXIT_BUG || /\n +at /.test(stderr)) return { verdict: 'bug', why: stderr.slice(0, 600) };
  if (found.peakBytes > MAX_BYTES) return { verdict: 'memory', why: `${found.peakBytes} bytes` };
  if (end.status === EXIT_CORRUPT) {
    const isTold = PROBLEMS.test(found.stdout) || (/^(Error|Hint): /m.test(stderr) && PLACE.test(stderr));
    if (!isTold) return { verdict: 'unplaced', why: stderr };
    return { verdict: 'refused', why: stderr };
  }
  const rightStatus = right.end.kind === 'exit' ? right.end.status : undefined;
  const answer = answerOf(found);
  const wanted = answerOf(right);
  if (end.status === rightStatus && answer === wanted) return { verdict: 'same', why: '' };
  const before = remarksOf(right);
  const remark = [...remarksOf(found)].find((line) => !before.has(line) && DAMAGE.test(line));
  const problem = end.status === 1 && PROBLEMS.test(found.stdout);
  if (end.status === EXIT_NOT_THERE && remark !== undefined) return { verdict: 'told', why: remark };
  if (end.status === rightStatus || end.status === 1) {
    if (remark !== undefined || problem) return { verdict: 'told', why: remark ?? 'problems' };
  }
  const why = `exit status ${end.status}; ${firstDifference(answer, wanted)} ${stderr.slice(0, 300)}`;
  if (mayDiffer(found)) return { verdict: 'undetectable', why };
  return { verdict: end.status === rightStatus ? 'wrong' : 'status', why };
}

/** Says where two texts begin to differ. */
export function firstDifference(found: string, wanted: string): string {
  let at = 0;
  while (at < found.length && found[at] === wanted[at]) at++;
  const around = (text: string) => JSON.stringify(text.slice(Math.max(0, at - 60), at + 60));
  return `found ${around(found)}, wanted ${around(wanted)}`;
}
