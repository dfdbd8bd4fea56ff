// These tests damage databases of mvccw and read them, and write to them, in this process: a signal would end the test.
// Each command ends in the answer of the undamaged database or in CORRUPT.

import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import t, { type Test } from 'tap';
import { MvccwError } from '../../src/errors.js';
import { TABLE_NAMES } from '../../src/mvcc/backend.js';
import { Store } from '../../src/mvcc/store.js';
import { LmdbBackend } from '../../src/storage/lmdb-backend.js';
import { PageGuard } from '../../src/storage/lmdb-file/page-guard.js';
import { LiveCli } from '../support/live-cli.js';
import { random, SEED } from '../support/random.js';
import { projectFile } from '../support/root.js';
import { newDatabase, runCli, temporaryFolder } from '../support/run-cli.js';

const PAGE = 4096;
const HEADER_BYTES = 24;
const META_BYTES = 168;

const page = (bytes: Buffer, number: number) => bytes.subarray(number * PAGE, (number + 1) * PAGE);
const copyPage = (bytes: Buffer, from: number, to: number) => page(bytes, from).copy(bytes, to * PAGE);

function swapPages(bytes: Buffer, one: number, other: number): void {
  const kept = Buffer.from(page(bytes, one));
  copyPage(bytes, other, one);
  kept.copy(bytes, other * PAGE);
}

function fillRandomly(bytes: Buffer): void {
  const next = random(SEED);
  for (let at = 0; at < bytes.length; at++) bytes[at] = next(256);
}

function directoryWith(t: Test, bytes: Buffer): string {
  const directory = temporaryFolder(t);
  writeFileSync(join(directory, 'data.mdb'), bytes);
  return directory;
}

// Each of these once gave another answer with exit status 0, or 70, or ended the process with a signal.
const CASES: Readonly<Record<string, (bytes: Buffer) => void>> = {
  'two leaves of the index are swapped': (bytes) => swapPages(bytes, 55, 35),
  'two leaves of records are swapped': (bytes) => swapPages(bytes, 22, 25),
  'leaves of two tables are swapped': (bytes) => swapPages(bytes, 38, 15),
  'a leaf is there twice': (bytes) => copyPage(bytes, 19, 13),
  'a leaf of records is noise': (bytes) => fillRandomly(page(bytes, 25)),
  'a root is noise': (bytes) => fillRandomly(page(bytes, 41)),
  'both metas name a page far behind the end': (bytes) => {
    for (const meta of [0, PAGE]) bytes[meta + 0x94]! ^= 0x52;
  },
};

const COMMANDS = [
  ['get', '', '--prefix', '-w', 'json'],
  ['get', '', '--prefix', '--rev', '100', '-w', 'json'],
  ['hash', '-w', 'json'],
  ['replay', '--from-rev', '200', '-w', 'json'],
  ['status', '-w', 'json'],
  ['compact', '150'],
  ['put', 'kk', 'vv', '-w', 'json'],
  ['defrag'],
];

t.test('pages that are swapped, doubled or lost', async (t) => {
  const good = gunzipSync(readFileSync(projectFile('fixtures/cases/lmdb-format-1.mdb.gz')));
  const answer = async (bytes: Buffer, command: readonly string[]) => {
    const directory = directoryWith(t, bytes);
    const run = await runCli(['--db', directory, ...command]);
    return { ...run, stdout: run.stdout.replaceAll(directory, 'DB') };
  };
  const wanted = await Promise.all(COMMANDS.map((command) => answer(good, command)));
  for (const { exitCode } of wanted) t.equal(exitCode, 0);
  for (const [name, damage] of Object.entries(CASES)) {
    const bytes = Buffer.from(good);
    damage(bytes);
    for (const [index, command] of COMMANDS.entries()) {
      const { exitCode, stdout, stderr } = await answer(bytes, command);
      if (exitCode === 0) t.equal(stdout, wanted[index]!.stdout, `${name}: ${command[0]}`);
      else t.match({ exitCode, stderr }, { exitCode: 3, stderr: /data\.mdb is (damaged at page|cut short)/ }, name);
    }
    const watch = new LiveCli(['--db', directoryWith(t, bytes), 'watch', '', '--prefix', '--rev', '1']);
    const exitCode = await Promise.race([watch.exitCode, watch.started.then(() => watch.interrupt())]);
    t.ok(exitCode === 3 || exitCode === 130, `${name}: watch ends with ${exitCode}`);
  }
});

type Dump = readonly (readonly string[])[];

function dump(directory: string): Dump {
  const backend = new LmdbBackend(directory, { readOnly: true });
  try {
    return TABLE_NAMES.map((name) => {
      const { [name]: table } = backend.tables;
      const rows = [...table.entries()].map(({ key, value }) => `${key.toString('hex')} ${value.toString('hex')}`);
      const newest = table.last();
      return [...rows, `${table.size()}`, `${newest?.key.toString('hex')}`];
    });
  } finally {
    backend.close();
  }
}

/** Returns what `body` returns; undefined if it says that the file is damaged. Throws everything else. */
function unlessDamaged<T>(body: () => T): T | undefined {
  try {
    return body();
  } catch (error) {
    if (error instanceof MvccwError && (error.code === 'CORRUPT' || error.code === 'FORMAT')) return undefined;
    throw error;
  }
}

/** Makes a database with several pages in each tree, large values and free pages. */
async function aDatabase(t: Test): Promise<string> {
  return newDatabase(t, ({ store }) => {
    for (let i = 0; i < 300; i++) {
      store.write((txn) => {
        txn.put(`key-${i % 120}`, Buffer.alloc(i % 30 === 0 ? 9000 : 150, i));
        if (i % 7 === 0) txn.deleteRange(`key-${(i * 3) % 120}`);
      });
    }
    store.compact(100);
  });
}

const flipBit = (bytes: Buffer, at: number, bit: number) => {
  bytes[at]! ^= 1 << bit;
};

type Next = (below: number) => number;

/** Returns where a node of a tree's page begins; of other pages, any place. */
function aNode(bytes: Buffer, next: Next): number {
  const start = (2 + next(bytes.length / PAGE - 2)) * PAGE;
  const nodes = bytes.readUInt16LE(start + 20) >> 1;
  const pointer = bytes.readUInt16LE(start + HEADER_BYTES + 2 * next(Math.min(nodes, 100) + 1));
  return start + Math.min(HEADER_BYTES + pointer, PAGE - 8);
}

const aPage = (bytes: Buffer, next: Next) => next(bytes.length / PAGE);

const DAMAGES: Readonly<Record<string, (bytes: Buffer, next: Next) => Buffer | undefined>> = {
  'a bit of a page header': (bytes, next) => {
    flipBit(bytes, aPage(bytes, next) * PAGE + next(HEADER_BYTES), next(8));
    return bytes;
  },
  'a bit of a meta': (bytes, next) => {
    flipBit(bytes, next(2) * PAGE + next(META_BYTES), next(8));
    return bytes;
  },
  'a bit of a pointer': (bytes, next) => {
    flipBit(bytes, aPage(bytes, next) * PAGE + HEADER_BYTES + next(60), next(8));
    return bytes;
  },
  'a bit of a node header': (bytes, next) => {
    flipBit(bytes, aNode(bytes, next) + next(8), next(8));
    return bytes;
  },
  'a page of zeros': (bytes, next) => {
    page(bytes, aPage(bytes, next)).fill(0);
    return bytes;
  },
  'a page over another': (bytes, next) => {
    copyPage(bytes, aPage(bytes, next), aPage(bytes, next));
    return bytes;
  },
  'two pages swapped': (bytes, next) => {
    swapPages(bytes, aPage(bytes, next), aPage(bytes, next));
    return bytes;
  },
  'a file that is cut': (bytes, next) => bytes.subarray(0, next(bytes.length)),
};

const ROUNDS = 40;

t.test('any damage of a page is noticed, or changes no answer', async (t) => {
  const directory = await aDatabase(t);
  const path = join(directory, 'data.mdb');
  const good = readFileSync(path);
  const wanted = dump(directory);
  t.ok(wanted[0]!.length > 100);
  const next = random(SEED);
  for (const [name, damage] of Object.entries(DAMAGES)) {
    let noticed = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const bytes = damage(Buffer.from(good), next)!;
      writeFileSync(path, bytes);
      const found = unlessDamaged(() => dump(directory));
      if (found === undefined) noticed++;
      else if (JSON.stringify(found) !== JSON.stringify(wanted)) t.fail(`${name}, round ${round}: another answer`);
      const written = unlessDamaged(() => {
        const backend = new LmdbBackend(directory);
        try {
          new Store(backend).write((txn) => txn.put('key-new', Buffer.from('new')));
        } finally {
          backend.close();
        }
        return true;
      });
      if (written === undefined) continue;
      const after = unlessDamaged(() => dump(directory));
      if (after === undefined) continue;
      const kept = wanted[0]!.slice(0, -2).every((row, index) => after[0]![index] === row);
      if (!kept) t.fail(`${name}, round ${round}: a write to the damaged file lost what was there`);
    }
    t.ok(noticed > 0, `${name}: noticed ${noticed} times`);
  }
});

t.test('every page of a sound database is reached once, or free', async (t) => {
  const directory = temporaryFolder(t);
  const next = random(SEED);
  const backend = new LmdbBackend(directory);
  const { key: table } = backend.tables;
  const key = () => Buffer.from(`${next(3000)}`.padStart(6, '0') + 'x'.repeat(next(30) === 0 ? next(1800) : 0));
  for (let txn = 0; txn < 60; txn++) {
    backend.transaction(() => {
      for (let put = next(150); put > 0; put--) {
        if (next(3) === 0) table.delete(key());
        else table.put(key(), Buffer.alloc(next(15) === 0 ? next(20_000) : next(300)));
      }
      const gte = key();
      if (next(4) === 0) for (const entry of [...table.entries({ gte })].slice(0, 500)) table.delete(entry.key);
    });
    const guard = new PageGuard(join(directory, 'data.mdb'));
    const { damages, lostPages } = guard.survey();
    guard.close();
    t.strictSame(damages, []);
    t.equal(lostPages, 0);
  }
  backend.close();
});

t.test('a file that is cut while it is watched', async (t) => {
  const directory = await aDatabase(t);
  const watch = new LiveCli(['--db', directory, 'watch', '', '--prefix']);
  await watch.started;
  const path = join(directory, 'data.mdb');
  truncateSync(path, Math.floor(statSync(path).size / 2));
  t.equal(await watch.exitCode, 3);
  t.match(watch.stderr, /data\.mdb is cut short: it has \d+ bytes, but /);
});
