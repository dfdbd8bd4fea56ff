// Four writers and two watches share a database until CHANGES changes have been made. Writers also defragment it, and are
// killed at random moments and started again; one watch is interrupted and continues from where it was; what both watches
// have seen is compacted. The soak then checks that
// - both watches have seen the same events: every revision once, in order
// - every acknowledged change is among these events
// - the store holds the result of these events, and its index and hash are those computed from its records
//
// The soak runs the built code: node test/attack/soak.js [CHANGES]

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { random, SEED } from '../support/random.js';
import { projectFile } from '../support/root.js';

/** @param {string} path */
const built = (path) => import(projectFile(`dist/${path}`));

const WRITERS = 4;
const MAX_CHANGES_OF_A_LIFE = 300;
/** The watches have this long to receive the remaining events after the writers have ended. */
const PATIENCE_MS = 60_000;
const POLL_MS = 50;
/** The number of changes from one compaction to the next. */
const COMPACT_EVERY = 100;

/** @typedef {{ revision: number, type: string, key: string, value: string }} Seen */

/** @type {Set<{ holds: () => boolean, resolve: () => void }>} */
const waiting = new Set();

/**
 * Resolves when the condition holds, which is checked whenever a process has printed something or ended.
 * @param {() => boolean} holds
 * @returns {Promise<void>}
 */
function when(holds) {
  return new Promise((resolve) => {
    waiting.add({ holds, resolve });
    lookAgain();
  });
}

function lookAgain() {
  for (const one of waiting) {
    if (!one.holds()) continue;
    waiting.delete(one);
    one.resolve();
  }
}

/** @param {string[]} argv @param {(line: string) => void} onLine */
function run(argv, onLine) {
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
  let rest = '';
  child.stdout.on('data', (chunk) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
    lookAgain();
  });
  const ended = once(child, 'close').then(([status, signal]) => status ?? signal);
  void ended.then(lookAgain);
  return { child, ended };
}

class Watch {
  /** @type {Seen[]} */
  seen = [];

  /** @param {string} db */
  constructor(db) {
    this.db = db;
    this.start();
  }

  get lastRevision() {
    return this.seen.at(-1)?.revision ?? 1;
  }

  start() {
    const from = String(this.lastRevision + 1);
    const argv = [projectFile('bin/mvccw.js'), '--db', this.db, 'watch', '', '--prefix', '--rev', from, '-w', 'json'];
    this.process = run(argv, (line) => this.take(JSON.parse(line)));
  }

  /** @param {{ Events: { type?: number, kv: { key: string, value?: string, mod_revision: number } }[] }} response */
  take({ Events }) {
    const text = (/** @type {string | undefined} */ base64) => Buffer.from(base64 ?? '', 'base64').toString();
    for (const { type, kv } of Events) {
      this.seen.push({
        revision: kv.mod_revision,
        type: type === 1 ? 'DELETE' : 'PUT',
        key: text(kv.key),
        value: text(kv.value),
      });
    }
  }

  /** Sends Ctrl-C and returns the exit status. */
  async interrupt() {
    this.process?.child.kill('SIGINT');
    return this.process?.ended;
  }
}

/** @param {Seen} seen */
const described = ({ revision, type, key, value }) => `${revision} ${type} ${key} ${value}`;

/**
 * Returns the list of problems, which is empty if all is well.
 * @param {{ changes: number, seed: number, log?: (line: string) => void }} options
 * @returns {Promise<string[]>}
 */
export async function soak({ changes, seed, log = () => undefined }) {
  const next = random(seed);
  const directory = mkdtempSync(join(tmpdir(), 'mvccw-soak-'));
  const db = join(directory, 'db');
  log(`seed ${seed}, ${changes} changes`);
  /** @type {string[]} */
  const acknowledged = [];
  /** @type {string[]} */
  const problems = [];
  let kills = 0;
  let compactions = 0;
  let running = true;

  const writer = async (/** @type {number} */ number) => {
    for (let life = 0; running; life++) {
      const argv = [projectFile('test/attack/soak-writer.js'), db, `w${number}.${life}`, String(next(2 ** 31))];
      let ownChanges = 0;
      const { child, ended } = run(argv, (line) => {
        acknowledged.push(line);
        ownChanges++;
      });
      const lastChange = 1 + next(MAX_CHANGES_OF_A_LIFE);
      await when(() => !running || ownChanges >= lastChange || child.exitCode !== null || child.signalCode !== null);
      if (child.exitCode !== null) problems.push(`writer ${number} ended by itself with ${child.exitCode}`);
      child.kill('SIGKILL');
      kills++;
      await ended;
    }
  };

  const writers = Array.from({ length: WRITERS }, (_unused, number) => writer(number));
  const isStuck = () => problems.length > 0;
  await when(() => acknowledged.length > 0 || isStuck());
  const steady = new Watch(db);
  const resumed = new Watch(db);
  const compactor = async () => {
    for (let compactRev = 1; running && !isStuck(); ) {
      const goal = acknowledged.length + COMPACT_EVERY;
      await when(() => !running || isStuck() || acknowledged.length >= goal);
      const seen = Math.min(steady.lastRevision, resumed.lastRevision);
      if (seen <= compactRev) continue;
      const argv = [projectFile('bin/mvccw.js'), '--db', db, 'compact', String(seen)];
      const status = await run(argv, () => undefined).ended;
      if (status !== 0) problems.push(`a compaction at ${seen} ended with ${status}`);
      compactRev = seen;
      compactions++;
    }
  };
  const compacting = compactor();
  // Ctrl-C before the watch has begun would just kill it.
  await when(() => (acknowledged.length >= changes / 2 && resumed.seen.length > 0) || isStuck());
  if ((await resumed.interrupt()) !== 130) problems.push('an interrupted watch did not exit with 130');
  resumed.start();
  await when(() => acknowledged.length >= changes || isStuck());
  running = false;
  lookAgain();
  await Promise.all([...writers, compacting]);
  problems.push(...(await settle(db, [steady, resumed])));
  for (const watch of [steady, resumed]) {
    const status = await watch.interrupt();
    if (status !== 130) problems.push(`a watch exited with ${status}`);
  }
  problems.push(...compare(steady, resumed), ...lost(steady, acknowledged), ...(await inspect(db, steady)));
  const last = steady.lastRevision;
  log(
    `${last} revisions, ${acknowledged.length} acknowledged changes, ${kills} kills, ${compactions} compactions, ${problems.length} problems`,
  );
  rmSync(directory, { recursive: true });
  return problems;
}

/**
 * Waits until the watches have seen the newest revision. Leases continue to run out meanwhile.
 * @param {string} db
 * @param {Watch[]} watches
 */
async function settle(db, watches) {
  /** @type {typeof import('../../src/storage/database.js')} */
  const { withDatabase } = await built('storage/database.js');
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    await sleep(POLL_MS);
    const [revision, leases] = await withDatabase(db, async ({ store }) => [
      store.currentRev,
      [...store.leases.list()].length,
    ]);
    if (leases === 0 && watches.every(({ lastRevision }) => lastRevision === revision)) return [];
    if (Date.now() > end) {
      const seen = watches.map(({ lastRevision }) => lastRevision).join(' and ');
      return [`the watches stand at ${seen}, the store at ${revision} with ${leases} leases`];
    }
  }
}

/** @param {Watch} steady @param {Watch} resumed */
function compare({ seen: a }, { seen: b }) {
  const problems = [];
  const first = a.findIndex((event, i) => b[i] === undefined || described(event) !== described(b[i]));
  if (first >= 0) problems.push(`event ${first} is ${JSON.stringify(a[first])} and ${JSON.stringify(b[first])}`);
  if (a.length !== b.length) problems.push(`one watch has seen ${a.length} events, the other ${b.length}`);
  let before = 1;
  for (const { revision } of a) {
    if (revision !== before && revision !== before + 1) problems.push(`revision ${revision} comes after ${before}`);
    before = revision;
  }
  return problems;
}

/** @param {Watch} watch @param {string[]} acknowledged */
function lost({ seen }, acknowledged) {
  const all = new Set(seen.map(described));
  return acknowledged.filter((line) => !all.has(line)).map((line) => `acknowledged and lost: ${line}`);
}

/** @param {string} db @param {Watch} watch */
async function inspect(db, { seen }) {
  /** @type {typeof import('../../src/storage/database.js')} */
  const { withWritableDatabase } = await built('storage/database.js');
  /** @type {typeof import('../../src/inspect/check/check-store.js')} */
  const { checkStore } = await built('inspect/check/check-store.js');
  /** @type {Map<string, string>} */
  const wanted = new Map();
  for (const { type, key, value } of seen) {
    if (type === 'PUT') wanted.set(key, value);
    else wanted.delete(key);
  }
  return withWritableDatabase(db, async ({ backend, store }) => {
    const problems = [...checkStore(backend)].map(({ problem }) => problem);
    const { kvs } = store.range({ key: '\0', end: '' });
    const differs = kvs.filter(({ key, value }) => wanted.get(key) !== value.toString()).map(({ key }) => key);
    if (differs.length > 0) problems.push(`keys that differ from the events: ${differs.join(' ')}`);
    if (kvs.length !== wanted.size) problems.push(`${kvs.length} keys, the events leave ${wanted.size}`);
    const { hash } = store.hash();
    store.restore();
    if (store.hash().hash !== hash) problems.push('the hash is another one after the index was rebuilt');
    return problems;
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [changes = '50000'] = process.argv.slice(2);
  const problems = await soak({ changes: Number(changes), seed: SEED, log: console.log });
  for (const problem of problems.slice(0, 20)) console.log(`problem: ${problem}`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
