// The runner makes attempts of all generators, several at a time, until each has made its number of attempts or time is
// up. All generators get the same time.

import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { concurrent } from './generators/concurrent.js';
import { etcdPages } from './generators/etcd-pages.js';
import { etcdRecords } from './generators/etcd-records.js';
import { fullDisk, readOnly } from './generators/full-disk.js';
import { kills } from './generators/kills.js';
import { lmdbPages, lmdbRepairs, lmdbWrites } from './generators/lmdb-pages.js';
import { logs } from './generators/logs.js';
import { powerLoss } from './generators/power-loss.js';
import { Lab } from './lab.js';
import { type AttemptName, Tally } from './tally.js';
import { WorkerPool } from './worker-pool.js';

export interface Generator {
  readonly name: string;
  /** The reason why this machine cannot do it; false if it can. */
  readonly skip?: string | false;
  /** Makes the input of one attempt, runs commands on it, and reports to the lab. */
  attempt(lab: Lab, attempt: AttemptName): Promise<void>;
}

export const GENERATORS: readonly Generator[] = [
  etcdPages,
  etcdRecords,
  logs,
  lmdbPages,
  lmdbWrites,
  lmdbRepairs,
  kills,
  powerLoss,
  fullDisk,
  readOnly,
  concurrent,
];

export interface AttackOptions {
  readonly seed: number;
  /** The names of the generators; all if it is left out. */
  readonly only?: readonly string[];
  /** The number of the first attempt. */
  readonly from?: number;
  /** The number of attempts of each generator. */
  readonly attempts?: (generator: string) => number;
  /** The time after which no attempt begins. */
  readonly endMs?: number;
  readonly jobs: number;
  readonly log?: (line: string) => void;
}

export async function attack(options: AttackOptions): Promise<Tally> {
  const { seed, from = 0, attempts = () => Number.POSITIVE_INFINITY, endMs = Number.POSITIVE_INFINITY, jobs } = options;
  const scratch = mkdtempSync(join(tmpdir(), 'mvccw-attack-'));
  // Some commands run as a user that owns nothing.
  mkdirSync(join(scratch, 'inputs'), { mode: 0o711 });
  chmodSync(scratch, 0o711);
  const tally = new Tally(join(scratch, 'findings'), options.log);
  const pool = new WorkerPool();
  const lab = new Lab(pool, tally, join(scratch, 'inputs'));
  const chosen = GENERATORS.filter(({ name }) => options.only?.includes(name) ?? true).filter(
    ({ name, skip = false }) => {
      if (skip !== false) options.log?.(`${name} is left out: ${skip}`);
      return skip === false;
    },
  );

  const shares = chosen.map((generator) => ({ generator, number: from, spentMs: 0, lastMs: 0 }));
  /** Returns the generator that has had the least time and has attempts left. */
  const nextShare = () =>
    shares
      .filter(({ generator, number }) => number - from < attempts(generator.name))
      .reduce<(typeof shares)[number] | undefined>(
        (least, share) => (least === undefined || share.spentMs < least.spentMs ? share : least),
        undefined,
      );
  const work = async () => {
    for (let share = nextShare(); share !== undefined && Date.now() < endMs; share = nextShare()) {
      const { generator, lastMs } = share;
      const attempt = { generator: generator.name, seed, number: share.number++ };
      // While it runs, it counts with the time that the one before has taken.
      share.spentMs += lastMs;
      const start = performance.now();
      await generator.attempt(lab, attempt);
      const ms = performance.now() - start;
      share.spentMs += ms - lastMs;
      share.lastMs = ms;
    }
  };
  try {
    await Promise.all(Array.from({ length: jobs }, work));
  } finally {
    await pool.stop();
    rmSync(tally.findings.length > 0 ? join(scratch, 'inputs') : scratch, { recursive: true, force: true });
  }
  return tally;
}
