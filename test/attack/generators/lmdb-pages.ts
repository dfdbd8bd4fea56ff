// Damages the pages of databases of mvccw. One generator has commands that read, one commands that write: after these,
// what a command has acknowledged is there, and everything else is as before. One has a repair: what it says to have
// mended is as it was before the damage.

import { CHECK } from '../etcd-bases.js';
import type { Chain, Damage, Lab } from '../lab.js';
import { type LmdbBase, layDatabase, lmdbBases } from '../lmdb-bases.js';
import type { AttemptName } from '../tally.js';

type Next = (below: number) => number;

const PAGE = 4096;
/** The header of a page; behind it are the places of the entries, two bytes each. */
const HEADER = 24;
const SLOTS_BYTES = 64;
const META_BYTES = 200;
const READERS_AT_ONCE = 4;

function flip(data: Buffer, offset: number, next: Next): string {
  const mask = 1 << next(8);
  data[offset]! ^= mask;
  return `byte ${offset} ^ 0x${mask.toString(16)}`;
}

const pagesOf = (data: Buffer) => data.length / PAGE;
const aPage = (data: Buffer, next: Next) => 2 + next(pagesOf(data) - 2);

/** Returns where a page is used for an entry, found by its slots. */
function anEntry(data: Buffer, next: Next): number {
  for (;;) {
    const at = aPage(data, next) * PAGE;
    const slots = data.readUInt16LE(at + 20) / 2;
    if (slots < 1 || slots > 1000) continue;
    return at + data.readUInt16LE(at + HEADER + 2 * next(Math.floor(slots)));
  }
}

/** Each row of such a page has its right sum: only who reads the whole table sees that it is not the last one. */
const STALE = 'a page as it was before';

/** Tells whether a command reads only a part of the index or of the leases. */
function readsPart(command: readonly string[]): boolean {
  return command.includes('timetolive') || (command.includes('get') && !command.includes('--prefix'));
}

type Way = (data: Buffer, next: Next, base: LmdbBase) => string | Buffer | undefined;

const WAYS: Readonly<Record<string, Way>> = {
  'any bit': (data, next) => flip(data, next(data.length), next),
  'bit in a page header': (data, next) => flip(data, aPage(data, next) * PAGE + next(HEADER), next),
  'bit in the slots': (data, next) => flip(data, aPage(data, next) * PAGE + HEADER + next(SLOTS_BYTES), next),
  'bit in an entry': (data, next) => flip(data, Math.min(anEntry(data, next) + next(40), data.length - 1), next),
  'bit in a meta': (data, next) => flip(data, next(2) * PAGE + next(META_BYTES), next),
  'meta zeroed': (data, next) => {
    const meta = next(2);
    data.fill(0, meta * PAGE, (meta + 1) * PAGE);
    return `meta ${meta}`;
  },
  'meta over the other': (data, next) => {
    const meta = next(2);
    data.copy(data, (1 - meta) * PAGE, meta * PAGE, (meta + 1) * PAGE);
    if (next(2) === 0) data[(1 - meta) * PAGE] = 1 - meta;
    return `meta ${meta} over ${1 - meta}`;
  },
  'page zeroed': (data, next) => {
    const page = aPage(data, next);
    data.fill(next(2) * 255, page * PAGE, (page + 1) * PAGE);
    return `page ${page}`;
  },
  'sector zeroed': (data, next) => {
    const at = next(data.length / 512) * 512;
    data.fill(0, at, at + 512);
    return `512 bytes at ${at}`;
  },
  'page over another': (data, next) => {
    const [from, to] = [aPage(data, next), aPage(data, next)];
    data.copy(data, to * PAGE, from * PAGE, (from + 1) * PAGE);
    const withId = next(2) === 0;
    if (withId) data.writeUInt32LE(to, to * PAGE);
    return `page ${from} over ${to}${withId ? ', with its id' : ''}`;
  },
  'pages swapped': (data, next) => {
    const [one, two] = [aPage(data, next), aPage(data, next)];
    const kept = Buffer.from(data.subarray(one * PAGE, (one + 1) * PAGE));
    data.copy(data, one * PAGE, two * PAGE, (two + 1) * PAGE);
    kept.copy(data, two * PAGE);
    const withIds = next(2) === 0;
    if (withIds) for (const page of [one, two]) data.writeUInt32LE(page, page * PAGE);
    return `pages ${one} and ${two}${withIds ? ', with their ids' : ''}`;
  },
  [STALE]: (data, next, { earlier }) => {
    if (earlier.length === 0) return undefined;
    const back = next(earlier.length);
    const image = earlier[back]!;
    const page = 2 + next(pagesOf(image) - 2);
    if (image.compare(data, page * PAGE, (page + 1) * PAGE, page * PAGE, (page + 1) * PAGE) === 0) return undefined;
    image.copy(data, page * PAGE, page * PAGE, (page + 1) * PAGE);
    return `page ${page}, ${earlier.length - back} commits earlier`;
  },
  cut: (data, next) => data.subarray(0, [next(data.length), next(pagesOf(data)) * PAGE, data.length - PAGE][next(3)]!),
  grown: (data, next) => Buffer.concat([data, Buffer.alloc(1 + next(3 * PAGE), next(2) * 255)]),
  'bits side by side': (data, next) => {
    const at = next(data.length - 64);
    const count = 2 + next(10);
    for (let i = 0; i < count; i++) flip(data, at + next(64), next);
    return `${count} bits from byte ${at} on`;
  },
};

let bases: Promise<LmdbBase[]> | undefined;

async function aDatabase(next: Next): Promise<LmdbBase> {
  bases ??= lmdbBases();
  const all = await bases;
  return all[next(all.length)]!;
}

async function damageOf(next: Next, chainsOf: (base: LmdbBase) => readonly Chain[]): Promise<Damage> {
  const base = await aDatabase(next);
  const ways = Object.keys(WAYS);
  for (;;) {
    const data = Buffer.from(base.data);
    const way = ways[next(ways.length)]!;
    const done = WAYS[way]!(data, next, base);
    if (done === undefined) continue;
    const damaged = typeof done === 'string' ? data : done;
    return {
      base,
      what: `${way}: ${typeof done === 'string' ? done : `to ${done.length} bytes`}`,
      chains: chainsOf(base),
      check: CHECK,
      lay: (path) => layDatabase(path, damaged),
      // Every byte is confirmed by a sum, and every row by the totals.
      mayDiffer: (command) => way === STALE && readsPart(command),
    };
  }
}

export const lmdbPages = {
  name: 'lmdb-pages',
  async attempt(lab: Lab, attempt: AttemptName): Promise<void> {
    const next = lab.random(attempt);
    const readers = ({ readers }: LmdbBase) =>
      Array.from({ length: READERS_AT_ONCE }, () => ({ commands: [readers[next(readers.length)]!] }));
    await lab.attack(attempt, await damageOf(next, readers));
  },
};

export const lmdbWrites = {
  name: 'lmdb-writes',
  async attempt(lab: Lab, attempt: AttemptName): Promise<void> {
    const next = lab.random(attempt);
    await lab.attack(attempt, await damageOf(next, ({ writers }) => [writers[next(writers.length)]!]));
  },
};

export const lmdbRepairs = {
  name: 'lmdb-repairs',
  async attempt(lab: Lab, attempt: AttemptName): Promise<void> {
    await lab.attack(attempt, await damageOf(lab.random(attempt), ({ repair }) => [repair]));
  },
};
