// Cuts the power: records what a process writes and flushes, makes images of the disk at random moments, and checks that
// each image holds every acknowledged commit and nothing else but the command that was under way.

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { random } from '../../support/random.js';
import { DiskLog, recorder } from '../disk-log.js';
import type { Lab } from '../lab.js';
import type { AttemptName } from '../tally.js';
import { WriteSession } from '../write-session.js';
import { drawSteps, type Step } from '../write-steps.js';

const STEPS = 14;
const VALUE_BYTES = 9000;
/** The number of images of one recording. */
const IMAGES = 60;

interface Recording {
  readonly log: DiskLog;
  readonly steps: readonly Step[];
  readonly session: WriteSession;
}

const recordings = new Map<number, Promise<Recording>>();

async function record(seed: number): Promise<Recording> {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'mvccw-attack-log-'));
  try {
    const written = join(folder, 'disk');
    mkdirSync(written);
    const session = new WriteSession(written);
    const steps = drawSteps(random(seed), [], STEPS, VALUE_BYTES);
    const prefix = join(folder, 'log');
    await session.live(steps, { refusals: [], wrapper: recorder(prefix) });
    const log = new DiskLog(prefix, written);
    const ended = log.events.filter((event) => event.kind === 'said' && event.text.includes('"ends":')).length;
    const isFlushed = log.events.some((event) => event.kind === 'sync' || (event.kind === 'write' && event.isSynced));
    if (ended !== steps.length || !isFlushed)
      throw new Error(`the log of strace has ${ended} of ${steps.length} steps`);
    return { log, steps, session };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const STRACE = spawnSync('strace', ['-f', '-e', 'trace=none', 'true'], { encoding: 'utf8' });

export const powerLoss = {
  name: 'power-loss',
  skip: STRACE.status !== 0 && 'strace is not here, or may not trace',
  async attempt(lab: Lab, attempt: AttemptName): Promise<void> {
    const seed = (attempt.seed + Math.floor(attempt.number / IMAGES)) >>> 0;
    const recording = recordings.get(seed) ?? record(seed);
    recordings.set(seed, recording);
    const { log, steps, session } = await recording;
    const next = lab.random(attempt);
    const end = next(log.events.length + 1);
    const said = log.events
      .slice(0, end)
      .filter((event) => event.kind === 'said')
      .map(({ text }) => JSON.parse(text) as { begins?: number; ends?: number });
    const done = steps.slice(0, said.filter(({ ends }) => ends !== undefined).length);
    const underWay = said.at(-1)?.begins === undefined ? undefined : steps[done.length];
    await lab.inFolder(async (folder) => {
      const image = new WriteSession(folder, { like: session, done, underWay });
      const cut = next(2 ** 31);
      const how = log.lay(end, random(cut), folder);
      await lab.pool.with((run) => image.check(run));
      lab.tellSession(
        attempt,
        `after ${end} of ${log.events.length} calls, of what is not flushed ${how}`,
        image,
        (kept) => {
          // The check has changed the image.
          log.lay(end, random(cut), kept);
          return `node bin/mvccw.js --db ${join(kept, 'db')} status`;
        },
      );
    });
  },
};
