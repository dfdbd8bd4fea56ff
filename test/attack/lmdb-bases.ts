// The databases of mvccw that are attacked, and the commands that are run on them.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type WritableDatabase, withWritableDatabase } from '../../src/storage/database.js';
import { random } from '../support/random.js';
import { runCli } from '../support/run-cli.js';
import { snapshotBytes } from '../support/snapshots.js';
import { type Chain, DB, type Input, NOW_MS } from './lab.js';

const DATA_FILE = 'data.mdb';

export interface LmdbBase extends Input {
  readonly data: Buffer;
  /** The file before each of the last commits, oldest first. */
  readonly earlier: readonly Buffer[];
  readonly readers: readonly (readonly string[])[];
  /** Chains of commands that read, write, and read again. */
  readonly writers: readonly Chain[];
  /** A repair, and the commands that read what it has mended. */
  readonly repair: Chain;
}

/** Makes a database of one file. */
export function layDatabase(path: string, data: Buffer): void {
  mkdirSync(path);
  writeFileSync(join(path, DATA_FILE), data);
}

const EARLIER = 6;
const LEASES = ['32695410dcc0ca06', '0000000000001111'];

interface Shape {
  readonly name: string;
  readonly key: string;
  readonly middle: number;
  readonly compactAt: number;
  readonly lease: string;
}

function readersOf({ key, middle, lease }: Shape): string[][] {
  return [
    ['get', '', '--prefix', '-w', 'json'],
    ['get', key, '-w', 'json'],
    ['get', '', '--prefix', '-w', 'json', '--rev', String(middle)],
    ['hash', '-w', 'json'],
    ['hash', '-w', 'json', '--rev', String(middle)],
    ['status', '-w', 'json'],
    ['replay', '-w', 'json'],
    ['replay', '--summary'],
    ['tree', '-w', 'json'],
    ['watcher', 'list', '-w', 'json'],
    ['lease', 'list', '-w', 'json'],
    ['lease', 'timetolive', lease, '--keys', '-w', 'json'],
    ['watch', '', '--prefix', '--rev', String(middle), '-w', 'json'],
  ];
}

function writersOf({ key, compactAt, lease }: Shape): string[][] {
  return [
    ['put', key, 'a new value'],
    ['put', 'a/new/key', 'x'.repeat(9000)],
    ['put', key, 'leased', `--lease=${lease}`],
    ['del', key],
    ['del', '', '--prefix'],
    ['compact', String(compactAt)],
    ['defrag'],
    ['lease', 'revoke', lease],
    ['watcher', 'add', 'another', '/x'],
  ];
}

function baseOf(shape: Shape, earlier: readonly Buffer[], data: Buffer): LmdbBase {
  const readers = readersOf(shape).map((words) => ['--db', DB, ...words]);
  // What is read before and after: all that a write must leave as it was, and what it writes.
  const all = readers.filter(
    (words) => !words.includes('watch') && !words.includes('--summary') && !words.includes('status'),
  );
  const writers = writersOf(shape).map((words) => {
    const afterwards = words[0] === 'compact' || words[1] === 'revoke' ? readable(all, words, shape) : all;
    return { commands: [...all, ['--db', DB, ...words], ...afterwards], writesAt: all.length };
  });
  const repair = { commands: [['--db', DB, 'check', '--repair', '-w', 'json'], ...all], repairs: true };
  return { name: shape.name, data, earlier, readers, writers, repair, lay: (path) => layDatabase(path, data) };
}

/** Leaves out what cannot be read after a command. */
function readable(readers: readonly string[][], [command]: readonly string[], { middle }: Shape): string[][] {
  return readers.filter(
    (words) => !(command === 'compact' ? words.includes(String(middle)) : words.includes('timetolive')),
  );
}

async function done(argv: readonly string[]): Promise<void> {
  const { exitCode, stderr } = await runCli(argv, { nowMs: NOW_MS });
  if (exitCode !== 0) throw new Error(`${argv.join(' ')}: ${stderr}`);
}

type Fill = (database: WritableDatabase, step: number) => void;

/** Makes a database of `steps` commits. */
async function made(shape: Shape, steps: number, fill: Fill, folder: string): Promise<LmdbBase> {
  const path = join(folder, shape.name);
  const images: Buffer[] = [];
  for (let step = 0; step < steps; step++) {
    if (steps - step <= EARLIER && step > 0) images.push(readFileSync(join(path, DATA_FILE)));
    await withWritableDatabase(path, async (database) => fill(database, step), { now: () => NOW_MS });
  }
  await done(['--db', path, 'watcher', 'add', 'all', 'k', '--prefix']);
  return baseOf(shape, images, readFileSync(join(path, DATA_FILE)));
}

/** Changes of all kinds: several keys in a transaction, leases, deletes, large values, and a compaction. */
function mixed(next: (below: number) => number): Fill {
  return ({ store }, step) => {
    if (step === 0) for (const lease of LEASES) store.grantLease(BigInt(`0x${lease}`), 1000, NOW_MS + 1_000_000);
    if (step === 25) store.compact(store.currentRev - 12);
    store.write((txn) => {
      const keys = new Set(Array.from({ length: 1 + next(6) }, () => `k${next(40)}`));
      for (const key of keys) {
        const value = Buffer.alloc(next(12) === 0 ? 5000 + next(9000) : next(120), `${key} `);
        if (next(6) === 0) txn.deleteRange(key);
        else txn.put(key, value, next(4) === 0 ? BigInt(`0x${LEASES[next(2)]!}`) : 0n);
      }
      if (step === 0) txn.put('k1', Buffer.from('first'), BigInt(`0x${LEASES[0]!}`));
    });
  };
}

async function imported(folder: string): Promise<LmdbBase> {
  const file = join(folder, 'etcd.db');
  const path = join(folder, 'imported');
  writeFileSync(file, snapshotBytes('small-35'));
  await done(['import', file, '--db', path]);
  const key = '/registry/pods/default/web-0';
  const shape = { name: 'imported', key, middle: 300, compactAt: 310, lease: '0000000000001111' };
  return baseOf(shape, [], readFileSync(join(path, DATA_FILE)));
}

export async function lmdbBases(): Promise<LmdbBase[]> {
  const folder = mkdtempSync(join(tmpdir(), 'mvccw-attack-bases-'));
  try {
    const lease = LEASES[0]!;
    return [
      await made({ name: 'mixed', key: 'k1', middle: 20, compactAt: 28, lease }, 30, mixed(random(1)), folder),
      await made({ name: 'small', key: 'k1', middle: 2, compactAt: 3, lease }, 3, mixed(random(2)), folder),
      await imported(folder),
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
}
