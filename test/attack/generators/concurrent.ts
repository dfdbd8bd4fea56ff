// Lets several processes write to a database at the same time, with compaction and defrag among what they do, while
// others watch. Some are killed. Both watches see every change once and in order, and nothing acknowledged is lost.

import type { Lab } from '../lab.js';
import { soak } from '../soak.js';
import type { AttemptName } from '../tally.js';

const CHANGES = 400;

export const concurrent = {
  name: 'concurrent',
  async attempt(lab: Lab, attempt: AttemptName): Promise<void> {
    const seed = lab.random(attempt)(2 ** 31);
    lab.tally.countAttempt(attempt.generator);
    const problems = await soak({ changes: CHANGES, seed });
    for (let i = 0; i < CHANGES; i++) lab.tally.count(attempt.generator, { verdict: 'same', why: '' });
    for (const why of problems.slice(0, 3)) {
      const command = () => `MVCCW_SEED=${seed} node test/attack/soak.js ${CHANGES}`;
      lab.tell(attempt, `${CHANGES} changes`, { verdict: 'lost', why }, command);
    }
  },
};
