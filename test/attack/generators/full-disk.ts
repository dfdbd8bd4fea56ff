// Lets processes write that get no more room, by a limit on the size of files, and processes that may only read. A
// command that fails says so with exit status 5, and has done nothing.

import { chmodSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { NOBODY } from '../../support/processes.js';
import type { Lab } from '../lab.js';
import type { AttemptName } from '../tally.js';
import { WriteSession } from '../write-session.js';
import { drawSteps } from '../write-steps.js';

const EXIT_IO = 5;
const STEPS_BEFORE = 12;
const STEPS = 25;
const VALUE_BYTES = 20_000;
const PROCESSES = 5;
const MAX_ROOM_BYTES = 120_000;

export const fullDisk = {
  name: 'full-disk',
  async attempt(lab: Lab, attempt: AttemptName): Promise<void> {
    const next = lab.random(attempt);
    await lab.inFolder(async (folder) => {
      const session = new WriteSession(folder);
      // The limit is there from the beginning in some attempts: then there is no room for a new database either.
      if (next(5) > 0) await session.live(drawSteps(next, [], STEPS_BEFORE, VALUE_BYTES), { refusals: [] });
      const used = sizeOf(join(folder, 'db', 'data.mdb'));
      const limitBytes = Math.max(512, used - 20_000 + next(MAX_ROOM_BYTES));
      const steps = drawSteps(next, session.done, STEPS, VALUE_BYTES);
      await session.liveToFailures(steps, PROCESSES, { limitBytes, refusals: [EXIT_IO] });
      await lab.pool.with((run) => session.check(run));
      lab.tellSession(attempt, `files of ${limitBytes} bytes at most, ${used} are used`, session);
    });
  },
};

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

export const readOnly = {
  name: 'read-only',
  async attempt(lab: Lab, attempt: AttemptName): Promise<void> {
    const next = lab.random(attempt);
    await lab.inFolder(async (folder) => {
      const session = new WriteSession(folder);
      await session.live(drawSteps(next, [], STEPS_BEFORE, VALUE_BYTES), { refusals: [] });
      const path = join(folder, 'db');
      await lab.pool.with((run) => session.check(run));
      const names = readdirSync(path).map((name) => join(path, name));
      const isRoot = process.getuid?.() === 0;
      for (const one of [...names, path, folder]) chmodSync(one, one === path || one === folder ? 0o555 : 0o444);
      await session.live(drawSteps(next, session.done, STEPS, VALUE_BYTES), {
        refusals: [EXIT_IO],
        ...(isRoot && { uid: NOBODY }),
      });
      for (const one of [folder, path, ...names]) chmodSync(one, one === path || one === folder ? 0o755 : 0o644);
      await lab.pool.with((run) => session.check(run));
      lab.tellSession(attempt, 'a directory that cannot be written to', session);
    });
  },
};
