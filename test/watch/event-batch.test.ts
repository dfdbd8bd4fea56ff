import t from 'tap';
import type { WatchEvent } from '../../src/mvcc/record.js';
import { EventBatch } from '../../src/watch/event-batch.js';

function event(modRevision: number): WatchEvent {
  const kv = { key: 'k', createRevision: 2, modRevision, version: 1, value: Buffer.alloc(0), lease: 0n };
  return { type: 'PUT', kv };
}

t.test('whole revisions, up to a number of them', async (t) => {
  const table: [maxRevs: number, added: number[], events: number[], revs: number, moreRev: number][] = [
    [2, [], [], 0, 0],
    [2, [5], [5], 1, 0],
    [2, [5, 5, 5], [5, 5, 5], 1, 0],
    [2, [5, 5, 7, 7], [5, 5, 7, 7], 2, 0],
    [2, [5, 7, 7, 9], [5, 7, 7], 3, 9],
    [2, [5, 7, 9, 9, 12], [5, 7], 3, 9],
    [1, [5, 5, 6], [5, 5], 2, 6],
    [1000, Array.from({ length: 1000 }, (_, i) => i + 2), Array.from({ length: 1000 }, (_, i) => i + 2), 1000, 0],
    [1000, Array.from({ length: 1001 }, (_, i) => i + 2), Array.from({ length: 1000 }, (_, i) => i + 2), 1001, 1002],
  ];
  for (const [maxRevs, added, events, revs, moreRev] of table) {
    const batch = new EventBatch(maxRevs);
    for (const revision of added) batch.add(event(revision));
    const name = `${added.length} events, at most ${maxRevs} revisions`;
    t.same(
      batch.events.map(({ kv }) => kv.modRevision),
      events,
      name,
    );
    t.match(batch, { revs, moreRev, full: moreRev > 0 }, name);
  }
});
