// Kills processes that write with SIGKILL, at random points of every writing command. Afterwards everything that was
// acknowledged is there, nothing else is, and no file is left that has to be removed by hand.

import type { Lab } from '../lab.js';
import type { AttemptName } from '../tally.js';
import { WriteSession } from '../write-session.js';
import { drawSteps } from '../write-steps.js';

const LIVES = 3;
const STEPS = 25;
/** The most time from the beginning of a command to the kill; most commands take less. */
const MAX_DELAY_MS = 12;
const VALUE_BYTES = 9000;

export const kills = {
  name: 'kills',
  async attempt(lab: Lab, attempt: AttemptName): Promise<void> {
    const next = lab.random(attempt);
    await lab.inFolder(async (folder) => {
      const session = new WriteSession(folder);
      for (let life = 0; life < LIVES && session.faults.length === 0; life++) {
        const steps = drawSteps(next, session.done, STEPS, VALUE_BYTES);
        const last = next(life === 0 ? 4 : STEPS);
        const delayMs = next(MAX_DELAY_MS);
        await session.live(steps, { onBegin: (command) => (command === last ? delayMs : undefined), refusals: [] });
        await lab.pool.with((run) => session.check(run));
      }
      lab.tellSession(attempt, `${LIVES} processes, killed`, session);
    });
  },
};
