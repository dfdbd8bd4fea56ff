// These tests take an element off a leaf page as `bbolt surgery` does. What it held is missing in the database that is
// salvaged, so each answer that it may have changed is one of which the database says so.

import t from 'tap';
import { BoltFile } from '../../../src/bbolt/bolt-file.js';
import type { PageSource } from '../../../src/bbolt/page-source.js';
import { isLost, type Loss } from '../../../src/inspect/salvage/loss.js';
import { type Salvage, salvage } from '../../../src/inspect/salvage/salvage.js';
import { MemorySource } from '../../bbolt/make-file.js';
import { snapshotBytes } from '../../support/snapshots.js';

const ELEMENT_BYTES = 16;

function salvaged(source: PageSource): { result: Salvage; losses: Loss[] } {
  const losses: Loss[] = [];
  for (const steps = salvage(source); ; ) {
    const next = steps.next();
    if (next.done) return { result: next.value, losses };
    if (next.value.loss !== undefined) losses.push(next.value.loss);
  }
}

/** Takes an element off: those behind it move down, and what lay behind the data stays. */
function takeOff(page: Buffer, index: number): void {
  const count = page.readUInt16LE(10);
  const kept = Array.from({ length: count }, (_, i) => {
    const at = ELEMENT_BYTES * (i + 1);
    const start = at + page.readUInt32LE(at + 4);
    const bytes = page.readUInt32LE(at + 8) + page.readUInt32LE(at + 12);
    return [Buffer.from(page.subarray(at, at + 16)), Buffer.from(page.subarray(start, start + bytes))] as const;
  }).toSpliced(index, 1);
  let start = ELEMENT_BYTES * count;
  for (const [i, [element, data]] of kept.entries()) {
    element.writeUInt32LE(start - ELEMENT_BYTES * (i + 1), 4);
    element.copy(page, ELEMENT_BYTES * (i + 1));
    data.copy(page, start);
    start += data.length;
  }
  page.writeUInt16LE(count - 1, 10);
}

t.test('elements that were taken off from within a leaf page leave a doubt', async (t) => {
  const whole = snapshotBytes('small-34');
  const bolt = new BoltFile(new MemorySource(whole));
  const leaves = [...bolt.bucket('key')!.leaves()];
  for (const { place, count } of [leaves[1]!, leaves.at(-1)!]) {
    for (let index = 0; index < count; index++) {
      const bytes = Buffer.from(whole);
      takeOff(bytes.subarray(place.offset, place.offset + bolt.meta.pageSize), index);
      const { losses, result } = salvaged(new MemorySource(bytes));
      t.ok(losses.some(isLost) && result.doubts.length > 0, `page ${place.pgid}, element ${index}`);
    }
  }
});
