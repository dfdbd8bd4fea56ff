// These tests damage real databases at random. Reading a whole file must end with its contents or with CORRUPT or
// FORMAT: never with another error, never with a read beyond the file, never without an end.

import t from 'tap';
import { BoltFile } from '../../src/bbolt/bolt-file.js';
import { surveyFile } from '../../src/bbolt/survey.js';
import { MvccwError } from '../../src/errors.js';
import { random, SEED } from '../support/random.js';
import { snapshotBytes } from '../support/snapshots.js';
import { madeByBbolt } from './made-by-bbolt.js';
import { MemorySource } from './make-file.js';

const RUNS = 600;
const NAMES = ['fresh-35', 'small-34', 'small-35', 'nocompact-35', 'made by bbolt'];

interface Outcome {
  /** The names of buckets, keys and values; undefined if reading failed, with the code and message of the error. */
  contents?: string;
  keys?: number;
  /** Whether damage outside of the tree is known, a meta that is not as it was, or elements that were cleared. */
  told?: boolean;
  code?: string;
  message?: string;
}

function readAll(bytes: Buffer): Outcome {
  const source = new MemorySource(bytes);
  const outcome = outcomeOf(source);
  // The limit allows for reading each page once, a run of pages twice, and the probes for a meta.
  if (source.readBytes > 3 * bytes.length + 10_000) throw new Error(`read ${source.readBytes} bytes`);
  return outcome;
}

function outcomeOf(source: MemorySource): Outcome {
  try {
    const bolt = new BoltFile(source);
    const parts: string[] = [];
    for (const [name, bucket] of bolt.root.buckets()) {
      parts.push(name.toString('latin1'));
      // This bucket would be refused, as it is mixed with pairs.
      if (name.toString() === 'mixed') continue;
      for (const { key, value } of bucket.entries()) parts.push(key.toString('latin1'), value.toString('latin1'));
      bucket.last();
    }
    const { buckets, problems } = surveyFile(bolt);
    const keys = buckets.reduce((sum, { keys }) => sum + keys, 0);
    const told = problems.length + bolt.pages.cleared.size > 0 || bolt.metaRemark !== undefined;
    return { contents: parts.join('\n'), keys, told };
  } catch (error) {
    if (!(error instanceof MvccwError)) throw error;
    return { code: error.code, message: error.message };
  }
}

/** Returns the offsets of the bytes that lead to others: the metas, and the headers and elements of all pages. */
function structureOffsets(file: Buffer, pageSize: number): number[] {
  const offsets: number[] = [];
  for (let page = 0; page + pageSize <= file.length; page += pageSize) {
    const length = page < 2 * pageSize ? 80 : 16 + 16 * Math.min(file.readUInt16LE(page + 10), pageSize / 16 - 1);
    for (let i = 0; i < length; i++) offsets.push(page + i);
  }
  return offsets;
}

for (const name of NAMES) {
  const original = name === 'made by bbolt' ? madeByBbolt() : snapshotBytes(name);
  const { pageSize } = new BoltFile(new MemorySource(original)).meta;
  const right = readAll(original);

  t.test(name, async (t) => {
    const next = random(SEED);
    const tally: Record<string, number> = {};
    const count = (kind: string) => {
      tally[kind] = (tally[kind] ?? 0) + 1;
    };
    const check = (bytes: Buffer, what: string, isFine: (outcome: Outcome) => boolean) => {
      try {
        const outcome = readAll(bytes);
        count(outcome.code ?? (outcome.contents === right.contents ? 'same' : 'content'));
        const known = outcome.code === undefined || outcome.code === 'CORRUPT' || outcome.code === 'FORMAT';
        if (!known || !isFine(outcome)) t.fail(`${what}: ${outcome.code ?? 'other contents'} ${outcome.message ?? ''}`);
      } catch (error) {
        t.fail(`${what}: ${error instanceof Error ? error.stack : error}`);
      }
    };

    for (let run = 0; run < RUNS; run++) {
      // Half of the cuts are near the start or at the edge of a page, where more depends on them.
      const near = [next(200), pageSize * next(original.length / pageSize), pageSize + next(100)][next(3)]!;
      const size = next(2) === 0 ? next(original.length) : Math.min(near, original.length - 1);
      check(original.subarray(0, size), `cut to ${size} bytes`, ({ code, contents }) => {
        return code !== undefined || contents === right.contents;
      });
    }

    const bytes = Buffer.from(original);
    const structure = structureOffsets(original, pageSize);
    for (let run = 0; run < RUNS * 3; run++) {
      const flips = Array.from({ length: 1 + next(3) }, () => {
        const offset = next(4) === 0 ? next(bytes.length) : structure[next(structure.length)]!;
        const value = [bytes[offset]! ^ (1 << next(8)), next(256), 0, 0xff][next(4)]!;
        return { offset, value };
      });
      for (const { offset, value } of flips) bytes[offset] = value;
      const what = flips.map(({ offset, value }) => `byte ${offset} = ${value}`).join(', ');
      // The check cannot see changed bytes of a key or value, but it sees a lost one, or the loss of its page.
      check(bytes, what, ({ code, keys, told }) => {
        return code !== undefined || keys === right.keys || told === true;
      });
      for (const { offset } of flips) bytes[offset] = original[offset]!;
    }
    t.ok(bytes.equals(original));
    t.comment(`${name}: ${JSON.stringify(tally)}`);
  });
}
