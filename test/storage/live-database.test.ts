// These tests look at a database again and again, while another one may take its place at the path.

import { renameSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { defragment } from '../../src/storage/defragment.js';
import { LiveDatabase } from '../../src/storage/live-database.js';
import { LmdbBackend } from '../../src/storage/lmdb-backend.js';
import { newDatabase, tamper } from '../support/run-cli.js';

/** Returns a database with this many revisions. */
function withRevisions(t: Test, revisions: number): Promise<string> {
  return newDatabase(t, ({ store }) => {
    for (let i = 0; i < revisions; i++) store.write((txn) => txn.put('k', Buffer.from('v')));
  });
}

const withoutId = (path: string) => tamper(path, ({ tables }) => tables.meta.delete(Buffer.from('mvccw.id')));

// The second database's events were once taken for those of the watched one if its revision was not lower.
t.test('another database that takes the place of the first', async (t) => {
  for (const [first, second] of [
    [true, true],
    [true, false],
    [false, true],
  ]) {
    const path = await withRevisions(t, 2);
    const other = await withRevisions(t, 5);
    if (!first) withoutId(path);
    if (!second) withoutId(other);
    const live = new LiveDatabase(path, () => 0);
    t.equal(
      live.read(({ currentRev }) => currentRev),
      3,
    );
    renameSync(path, join(path, '..', 'aside'));
    renameSync(other, path);
    const replaced = { code: 'CORRUPT', message: `another database has taken the place of ${path}` };
    t.throws(() => live.read(() => undefined), replaced);
    t.throws(() => live.write(() => undefined), replaced);
    live.close();
  }
});

t.test('the same database goes on: defragmented, and one that was made before there were ids', async (t) => {
  for (const hasId of [true, false]) {
    const path = await withRevisions(t, 2);
    if (!hasId) withoutId(path);
    const live = new LiveDatabase(path, () => 0);
    live.read(() => undefined);
    // The write opens the database for writing, because one process cannot do so while it has it open for reading.
    live.write((store) => store.write((txn) => txn.put('k', Buffer.from('w'))));
    const backend = new LmdbBackend(path);
    await defragment(backend, path);
    backend.close();
    t.equal(
      live.read(({ currentRev }) => currentRev),
      4,
    );
    live.close();
  }
});
