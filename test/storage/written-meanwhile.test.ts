// A server may commit to a file while it is read. Its answer is then refused, and nothing is made of it.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { decodeMeta, META_PAGE_BYTES, type Meta } from '../../src/bbolt/meta.js';
import { writeMetaPage } from '../../src/bbolt/write-page.js';
import { MvccwError } from '../../src/errors.js';
import { checkLog } from '../../src/storage/audited-log.js';
import { checkDatabase } from '../../src/storage/check-database.js';
import { type Database, withDatabase } from '../../src/storage/database.js';
import { exportDatabase } from '../../src/storage/export-etcd.js';
import { importEtcdFile } from '../../src/storage/import-etcd.js';
import { unpackDataDirectory } from '../support/data-directories.js';
import { temporaryFolder } from '../support/run-cli.js';
import { snapshotBytes } from '../support/snapshots.js';

const FILE = snapshotBytes('live-small-35');
const REFUSED = { code: 'IO', message: /db was written to while it was read: .* may be wrong$/, hint: /snapshot save/ };

const damage = new MvccwError('CORRUPT', 'page 7: it is damaged');

/** Commits as bbolt does: the older meta becomes the newer one. */
function commit(path: string): void {
  const bytes = readFileSync(path);
  const pageSize = bytes.readUInt32LE(24);
  const metas = [0, 1].map((pgid) => {
    const offset = pgid * pageSize;
    return decodeMeta(bytes.subarray(offset, offset + META_PAGE_BYTES), { pgid, offset, inline: false }) as Meta;
  });
  const [older, newer] = metas[0]!.txid < metas[1]!.txid ? [0, 1] : [1, 0];
  const { root, highWaterMark, txid } = metas[newer]!;
  const page = bytes.subarray(older * pageSize, (older + 1) * pageSize);
  writeMetaPage(page, older, { pageSize, root, highWaterMark, txid: txid + 1 });
  writeFileSync(path, bytes);
}

t.test('what was read of a file that was written to meanwhile is refused', async (t) => {
  const folder = temporaryFolder(t);
  const file = join(folder, 'db');
  const made = join(folder, 'made');
  /** Reads the file, to which a server commits once the reading has begun. */
  const reading = (body: (database: Database) => Promise<unknown>) =>
    withDatabase(file, async (database) => {
      commit(file);
      return body(database);
    });
  let commits = 0;
  const onProgress = () => {
    if (commits++ === 0) commit(file);
  };

  const table: [name: string, read: () => Promise<unknown>][] = [
    ['an answer', () => reading(async ({ store }) => store.hash())],
    ['damage that is none', () => reading(async () => Promise.reject(damage))],
    ['export', () => reading((database) => exportDatabase(database, { file: made }))],
    ['import', () => importEtcdFile({ file, directory: made, onProgress })],
    ['check', () => checkDatabase(file, () => undefined, { onProgress })],
  ];
  for (const [name, read] of table) {
    commits = 0;
    writeFileSync(file, FILE);
    await t.rejects(read(), REFUSED, name);
    t.notOk(existsSync(made), `${name} makes nothing`);
  }

  writeFileSync(file, FILE);
  await t.rejects(
    withDatabase(file, async () => Promise.reject(damage)),
    { code: 'CORRUPT' },
    'nobody has written',
  );
});

t.test('what a server does to a database meanwhile is no finding of the check of its log', async (t) => {
  const folder = temporaryFolder(t);
  const [one, wal] = ['diverged-35', 'cluster-35'].map((set) => unpackDataDirectory(set, 'm1', folder, true));
  const db = join(one!, 'member', 'snap', 'db');
  const audit = async (onStep: () => void) => {
    let findings = 0;
    const done = checkLog({ db, wal }, (step) => {
      if ('finding' in step) findings++;
      onStep();
    });
    const problem = await done.then(
      () => undefined,
      (error: unknown) => error,
    );
    return { findings, problem };
  };
  const undisturbed = await audit(() => undefined);
  t.equal(undisturbed.problem, undefined);
  t.ok(undisturbed.findings > 0, 'the database is of another cluster');
  t.match(await audit(() => commit(db)), { findings: 0, problem: REFUSED });
});
