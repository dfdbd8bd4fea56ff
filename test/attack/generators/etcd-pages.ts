// Damages the pages of etcd files: bits in headers, element tables, keys, values and metas, pages that are copied, swapped
// or zeroed, files that are cut or grown. Where the damage would be noticed by a sum alone, the sum is made right.

import { writeFileSync } from 'node:fs';
import { BRANCH, ELEMENT, FIELD, FREELIST, HEADER, hasDigest, LEAF, PAGE, sumFile, sumMeta } from '../bolt-pages.js';
import { CHECK, type EtcdBase, etcdBases, IMPORT } from '../etcd-bases.js';
import { contradictionOf, type View } from '../etcd-oracle.js';
import type { Chain, Damage, Lab } from '../lab.js';
import type { AttemptName } from '../tally.js';

export type Next = (below: number) => number;

/** The import waits for the disk, so it runs in one attempt of this many. */
const IMPORT_EVERY = 6;
const READERS_AT_ONCE = 3;
const BURST_BYTES = 64;

const hex = (value: number) => `0x${value.toString(16)}`;

function flip(bytes: Buffer, offset: number, next: Next): string {
  const mask = 1 << next(8);
  bytes[offset]! ^= mask;
  return `byte ${offset} ^ ${hex(mask)}`;
}

const pagesOf = (bytes: Buffer) => Math.floor(bytes.length / PAGE);

function otherPages(bytes: Buffer, next: Next): [number, number] {
  return [2 + next(pagesOf(bytes) - 2), 2 + next(pagesOf(bytes) - 2)];
}

/** Returns a page in use with elements, and where its element `i` is. */
function anElement(bytes: Buffer, next: Next): { id: number; kind: number; i: number; at: number } {
  for (;;) {
    const id = 2 + next(pagesOf(bytes) - 2);
    const kind = bytes.readUInt16LE(id * PAGE + 8);
    const count = bytes.readUInt16LE(id * PAGE + 10);
    if ((kind !== BRANCH && kind !== LEAF) || count === 0 || count > (PAGE - HEADER) / ELEMENT) continue;
    const i = next(count);
    return { id, kind, i, at: id * PAGE + HEADER + i * ELEMENT };
  }
}

/** Each way damages the bytes and says how. */
const WAYS: Readonly<Record<string, (bytes: Buffer, next: Next) => string | Buffer>> = {
  'any bit': (bytes, next) => flip(bytes, next(bytes.length), next),
  'bit in a page header': (bytes, next) => flip(bytes, next(pagesOf(bytes)) * PAGE + next(HEADER), next),
  'bit in an element': (bytes, next) => flip(bytes, anElement(bytes, next).at + next(ELEMENT), next),
  'bit in a key': (bytes, next) => {
    const { kind, at } = anElement(bytes, next);
    const key = at + bytes.readUInt32LE(kind === BRANCH ? at : at + 4);
    const size = bytes.readUInt32LE(kind === BRANCH ? at + 4 : at + 8);
    return flip(bytes, Math.min(key + next(Math.max(1, size)), bytes.length - 1), next);
  },
  'branch pointer': (bytes, next) => {
    for (let tries = 0; tries < 100; tries++) {
      const { id, kind, i, at } = anElement(bytes, next);
      if (kind !== BRANCH) continue;
      const child = next(pagesOf(bytes));
      bytes.writeBigUInt64LE(BigInt(child), at + 8);
      return `page ${id}, element ${i}: child ${child}`;
    }
    return 'nothing';
  },
  'an element twice': (bytes, next) => {
    const { id, i, at } = anElement(bytes, next);
    const to = id * PAGE + HEADER + next(bytes.readUInt16LE(id * PAGE + 10)) * ELEMENT;
    bytes.copy(bytes, to, at, at + ELEMENT);
    return `page ${id}: element ${i} over that at byte ${to}`;
  },
  count: (bytes, next) => {
    const { id } = anElement(bytes, next);
    const count = bytes.readUInt16LE(id * PAGE + 10);
    const other = [0, count - 1, count + 1, 0xffff, next(count)][next(5)]!;
    bytes.writeUInt16LE(other, id * PAGE + 10);
    return `page ${id}: count ${other} for ${count}`;
  },
  overflow: (bytes, next) => {
    const id = 2 + next(pagesOf(bytes) - 2);
    const overflow = [1, 2, 0xffff, 0xffff_ffff, next(30)][next(5)]!;
    bytes.writeUInt32LE(overflow, id * PAGE + 12);
    return `page ${id}: overflow ${overflow}`;
  },
  'page over another': (bytes, next) => {
    const [from, to] = otherPages(bytes, next);
    bytes.copy(bytes, to * PAGE, from * PAGE, (from + 1) * PAGE);
    return `page ${from} over ${to}`;
  },
  'page over another, with its id': (bytes, next) => {
    const [from, to] = otherPages(bytes, next);
    bytes.copy(bytes, to * PAGE, from * PAGE, (from + 1) * PAGE);
    bytes.writeBigUInt64LE(BigInt(to), to * PAGE);
    return `page ${from} over ${to}, as ${to}`;
  },
  'pages swapped': (bytes, next) => swap(bytes, ...otherPages(bytes, next), false),
  'pages swapped, with their ids': (bytes, next) => swap(bytes, ...otherPages(bytes, next), true),
  'page zeroed': (bytes, next) => {
    const page = next(pagesOf(bytes));
    bytes.fill(0, page * PAGE, (page + 1) * PAGE);
    return `page ${page}`;
  },
  'sector zeroed': (bytes, next) => {
    const at = next(Math.floor(bytes.length / 512)) * 512;
    bytes.fill(0, at, at + 512);
    return `512 bytes at ${at}`;
  },
  cut: (bytes, next) => {
    const length = [next(bytes.length), next(pagesOf(bytes)) * PAGE, bytes.length - 1 - next(40), 512 * next(40) + 32];
    return bytes.subarray(0, length[next(length.length)]!);
  },
  grown: (bytes, next) => Buffer.concat([bytes, Buffer.alloc(1 + next(3 * PAGE), next(2) * 255)]),
  'bit in a meta': (bytes, next) => flip(bytes, next(2) * PAGE + next(HEADER + 64), next),
  'meta field, with the sum right': (bytes, next) => {
    const page = next(2);
    const names = Object.keys(FIELD) as (keyof typeof FIELD)[];
    const name = names[next(names.length)]!;
    const at = page * PAGE + HEADER + FIELD[name];
    const value = [
      BigInt(next(pagesOf(bytes))),
      bytes.readBigUInt64LE(at) + 1n,
      bytes.readBigUInt64LE(at) ^ (1n << BigInt(next(64))),
    ];
    const other = BigInt.asUintN(64, value[next(3)]!);
    bytes.writeBigUInt64LE(other, at);
    sumMeta(bytes, page);
    return `meta ${page}: ${name} ${other}`;
  },
  'meta over the other': (bytes, next) => {
    const page = next(2);
    bytes.copy(bytes, page * PAGE, (1 - page) * PAGE, (2 - page) * PAGE);
    if (next(2) === 0) bytes.writeBigUInt64LE(BigInt(page), page * PAGE);
    return `meta ${1 - page} over ${page}`;
  },
  'bit in the freelist': (bytes, next) => {
    for (let id = 2; id < pagesOf(bytes); id++) {
      if (bytes.readUInt16LE(id * PAGE + 8) === FREELIST) return flip(bytes, id * PAGE + next(HEADER + 32), next);
    }
    return flip(bytes, next(bytes.length), next);
  },
  'bits side by side': (bytes, next) => {
    const at = next(bytes.length - BURST_BYTES);
    const count = 2 + next(10);
    for (let i = 0; i < count; i++) flip(bytes, at + next(BURST_BYTES), next);
    return `${count} bits from byte ${at} on`;
  },
};

function swap(bytes: Buffer, one: number, two: number, withIds: boolean): string {
  const kept = Buffer.from(bytes.subarray(one * PAGE, (one + 1) * PAGE));
  bytes.copy(bytes, one * PAGE, two * PAGE, (two + 1) * PAGE);
  kept.copy(bytes, two * PAGE);
  if (withIds) {
    bytes.writeBigUInt64LE(BigInt(one), one * PAGE);
    bytes.writeBigUInt64LE(BigInt(two), two * PAGE);
  }
  return `${one} and ${two}`;
}

/** Returns a damage of the bytes of an etcd file, with the commands for it. */
export function etcdDamage(base: EtcdBase, bytes: Buffer, what: string, next: Next): Damage {
  const readers = Array.from({ length: READERS_AT_ONCE }, () => base.readers[next(base.readers.length)]!);
  const chains: Chain[] = readers.map((command) => ({ commands: [command] }));
  if (next(IMPORT_EVERY) === 0) chains.push(IMPORT);
  const contradictions = new Map<View, boolean>();
  return {
    what,
    base,
    chains,
    check: CHECK,
    lay: (path) => writeFileSync(path, bytes),
    mayDiffer(command, { stderr }) {
      const view = viewOf(command, stderr);
      const known = contradictions.get(view) ?? contradictionOf(bytes, view) !== undefined;
      contradictions.set(view, known);
      return !known;
    },
  };
}

/** Returns how much of a file a command looks at. */
function viewOf(command: readonly string[], stderr: string): View {
  // Which revisions are in the future, or above the end, is known from the newest record alone.
  if (/^Error: revision \d+ is in the future|starts above revision/m.test(stderr)) return 'leases';
  if (command.includes('import') || command.includes('check')) return 'history';
  if (command.includes('status') || command.includes('timetolive')) return 'both';
  return command.includes('lease') || command.includes('tree') ? 'leases' : 'records';
}

let bases: EtcdBase[] | undefined;

/** Returns a base; the oracle has found no contradiction in it. */
function anEtcdBase(next: Next): EtcdBase {
  if (bases === undefined) {
    bases = etcdBases();
    for (const { name, bytes } of bases) {
      const contradiction = contradictionOf(bytes, 'history');
      if (contradiction !== undefined) throw new Error(`${name}, undamaged: ${contradiction}`);
    }
  }
  return bases[next(bases.length)]!;
}

/** Damages the bytes of a file in one of the ways, and says how. */
export function damaged(base: EtcdBase, next: Next): { readonly what: string; readonly bytes: Buffer } {
  const copy = Buffer.from(base.bytes);
  const ways = Object.keys(WAYS);
  const way = ways[next(ways.length)]!;
  const done = WAYS[way]!(copy, next);
  const bytes = typeof done === 'string' ? copy : done;
  const said = typeof done === 'string' ? done : `to ${done.length} bytes`;
  // A digest that is wrong is noticed at once; most damage gets past it.
  const isSummed = base.hasDigest && typeof done === 'string' && next(5) !== 0;
  if (isSummed && hasDigest(bytes)) sumFile(bytes);
  return { what: `${way}: ${said}${isSummed ? ', digest made right' : ''}`, bytes };
}

export const etcdPages = {
  name: 'etcd-pages',
  async attempt(lab: Lab, attempt: AttemptName): Promise<void> {
    const next = lab.random(attempt);
    const base = anEtcdBase(next);
    const { what, bytes } = damaged(base, next);
    await lab.attack(attempt, etcdDamage(base, bytes, what, next));
  },
};
