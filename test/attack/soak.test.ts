// This test is the soak in its short form; the long form is: node test/attack/soak.js 50000

import t from 'tap';
import { draws, SEED } from '../support/random.js';
import { soak } from './soak.js';

t.test('four writers, killed again and again, and two watches', async (t) => {
  const lines: string[] = [];
  const problems = await soak({ changes: draws(350, 2500), seed: SEED, log: (line) => lines.push(line) });
  for (const line of lines) t.comment(line);
  t.same(problems.slice(0, 10), []);
});
