// These tests check the judge of the attack: what it lets pass, and what it calls a finding.

import t from 'tap';
import { judge } from './judge.js';
import type { Outcome } from './worker-pool.js';

const exit = (status: number, stdout = '', stderr = ''): Outcome => ({
  end: { kind: 'exit', status },
  stdout,
  stderr,
  peakBytes: 0,
});
const verdict = (found: Outcome, right = exit(0, 'answer\n'), mayDiffer = false) =>
  judge(found, right, () => mayDiffer).verdict;

t.test('the ways to end well', async (t) => {
  t.equal(verdict(exit(0, 'answer\n')), 'same');
  t.equal(verdict(exit(3, '', 'Error: page 7 has kind 9\n')), 'refused');
  t.equal(verdict(exit(0, 'ans', 'Hint: meta 1 is damaged: what was committed last is missing\n')), 'told');
  t.equal(verdict(exit(0, 'another\n'), exit(0, 'answer\n'), true), 'undetectable');
  t.equal(verdict(exit(0, '{"txid":7,"a":1}'), exit(0, '{"txid":8,"a":1}')), 'same', 'the file is not the answer');
});

t.test('findings', async (t) => {
  t.equal(verdict(exit(0, 'another\n')), 'wrong');
  t.equal(verdict(exit(0, 'another\n', 'Hint: revisions below 17 are compacted\n')), 'wrong', 'no word of damage');
  const remark = 'Hint: page 7 is damaged\n';
  t.equal(verdict(exit(0, 'another\n', remark), exit(0, 'answer\n', remark)), 'wrong', 'said of the good file too');
  t.equal(verdict(exit(4, '', 'Error: revision 9 is in the future\n')), 'status');
  t.equal(verdict(exit(3, '', 'Error: something is wrong\n')), 'unplaced');
  t.equal(verdict(exit(3, '', '')), 'unplaced');
  t.equal(verdict(exit(70, '', 'Error: this is a bug in mvccw\n')), 'bug');
  t.equal(verdict({ ...exit(0), end: { kind: 'death', how: 'SIGSEGV' } }), 'death');
  t.equal(verdict({ ...exit(0), end: { kind: 'hang' } }), 'hang');
  t.equal(verdict({ ...exit(0, 'answer\n'), peakBytes: 600 * 2 ** 20 }), 'memory');
});
