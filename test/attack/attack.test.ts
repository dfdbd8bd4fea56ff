// This test is the attack in its short form, with few attempts of each generator; the long form is: npm run attack

import t from 'tap';
import { draws, SEED } from '../support/random.js';
import { attack, GENERATORS } from './runner.js';

/** The number of attempts of each generator, which together take 10 seconds, or 20 with a seed of one's own. */
const ATTEMPTS: Readonly<Record<string, number>> = {
  'etcd-pages': draws(12, 80),
  'etcd-records': draws(12, 80),
  logs: draws(5, 80),
  'lmdb-pages': draws(12, 80),
  'lmdb-writes': draws(6, 20),
  'lmdb-repairs': draws(10, 20),
  kills: 2,
  'power-loss': draws(6, 20),
  'full-disk': draws(1, 2),
  'read-only': 1,
};
/** The generators that prove nothing unless some command was refused. */
const NEEDS_REFUSALS = ['etcd-pages', 'etcd-records', 'logs', 'lmdb-pages', 'lmdb-writes', 'full-disk', 'read-only'];
/** soak.test.ts runs this one. */
const ELSEWHERE = ['concurrent'];

t.test('every generator is used', async (t) => {
  t.strictSame([...Object.keys(ATTEMPTS), ...ELSEWHERE].sort(), GENERATORS.map(({ name }) => name).sort());
});

for (const { name, skip = false } of GENERATORS) {
  if (ELSEWHERE.includes(name)) continue;
  t.test(name, { skip }, async (t) => {
    const tally = await attack({ seed: SEED, only: [name], attempts: () => ATTEMPTS[name]!, jobs: 1 });
    for (const line of tally.summary().split('\n')) t.comment(line);
    const findings = tally.findings.map(({ verdict, damage, why, command, attempt }) => ({
      verdict,
      damage,
      why,
      command,
      again: `npm run attack -- --only ${name} --seed ${attempt.seed} --attempt ${attempt.number}`,
    }));
    t.strictSame(findings.slice(0, 3), [], `${findings.length} findings`);
    if (NEEDS_REFUSALS.includes(name)) t.ok(tally.countOf(name, 'refused') > 0, 'something was refused');
    if (name === 'kills') t.ok(tally.kills > 0, 'something was killed');
  });
}
