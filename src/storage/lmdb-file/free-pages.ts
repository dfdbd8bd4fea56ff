// Reads the tree of free pages. Each entry has the number of a transaction as its key, and a list of 8-byte numbers:
//
//   how many follow | page … | 0, which means nothing … | -n, page: n pages from there on …
//
// Writers take pages from there and overwrite them, so the whole of it is checked before anything is written.

import { PageSet } from '../../bbolt/page-set.js';
import { readU64LE } from '../../bbolt/u64.js';
import type { TreePage } from './tree-page.js';
import type { Path, TreeReader } from './tree-reader.js';

const NUMBER_BYTES = 8;
const TWO_TO_32 = 2 ** 32;
/** Numbers from here on stand for negative ones. */
const TWO_TO_63 = 2 ** 63;

/** Returns the free pages of a commit. Throws CORRUPT for a page that is not in the file, or is listed twice. */
export function readFreePages(tree: TreeReader): PageSet {
  const free = new PageSet();
  if (tree.isEmpty) return free;
  for (let path: Path | undefined = tree.pathToFirst(); path !== undefined; path = tree.neighbour(path, 1)) {
    const leaf = tree.read(path.leaf);
    for (let index = 0; index < leaf.count; index++) addListed(tree, leaf, index, free);
  }
  return free;
}

/** Adds the pages that one entry lists. */
export function addListed(tree: TreeReader, leaf: TreePage, index: number, free: PageSet): void {
  const { file, lastPage } = tree.options;
  const { page } = leaf.place;
  const list = leaf.value(index, lastPage);
  const wrong = (what: string) => file.damage(page, 0, `the list of free pages in node ${index} ${what}`);
  if (list.length < NUMBER_BYTES) throw wrong(`has ${list.length} bytes`);
  const count = readU64LE(list, 0);
  if (count > list.length / NUMBER_BYTES - 1) throw wrong(`should have ${count} numbers, in ${list.length} bytes`);
  for (let position = 1; position <= count; position++) {
    let first = readU64LE(list, position * NUMBER_BYTES);
    let pages = 1;
    if (first === 0) continue;
    if (first >= TWO_TO_63) {
      pages = negated(list, position * NUMBER_BYTES);
      position++;
      if (position > count) throw wrong('ends after the length of a run');
      first = readU64LE(list, position * NUMBER_BYTES);
    }
    if (first < 2 || first + pages - 1 > lastPage) {
      throw wrong(`has ${pages} pages from ${first} on, of 2 to ${lastPage}`);
    }
    for (let at = first; at < first + pages; at++) {
      if (free.has(at)) throw wrong(`has page ${at}, which is listed before`);
      free.add(at);
    }
  }
}

/** Returns the amount of a negative number. */
function negated(bytes: Buffer, at: number): number {
  const high = ~bytes.readUInt32LE(at + 4) >>> 0;
  const low = ~bytes.readUInt32LE(at) >>> 0;
  return high * TWO_TO_32 + low + 1;
}
