// Sums and totals: two ways to the same answer, and damage that each of them finds.

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { encodeRevisionKey } from '../../src/mvcc/revision.js';
import { StoreReader } from '../../src/mvcc/store.js';
import { defragment } from '../../src/storage/defragment.js';
import { LmdbBackend } from '../../src/storage/lmdb-backend.js';
import { RowValues } from '../../src/storage/row-values.js';
import { fewKeys, longKeys } from '../support/arbitraries.js';
import fc from '../support/fast-check.js';
import { random, SEED } from '../support/random.js';
import { checkTotals } from '../support/recounted.js';
import { newDatabase, runCli, tamper, tamperRows, temporaryFolder } from '../support/run-cli.js';
import { runSteps, Subject, storeStep } from '../support/store-steps.js';

const ALL = { key: '\0', end: '' };

t.test('property: totals that were kept up are those of a recount', async (t) => {
  const folder = temporaryFolder(t);
  const keys = fc.oneof({ weight: 8, arbitrary: fewKeys }, { weight: 1, arbitrary: longKeys });
  const steps = fc.array(storeStep(keys), { maxLength: 20, size: 'max' });
  let count = 0;
  await fc.assert(
    fc.asyncProperty(steps, fc.constantFrom(1, 1000), async (steps, batchLimit) => {
      const path = join(folder, `${count++}`);
      const open = () => new LmdbBackend(path, { durable: false });
      const subject = new Subject(open, batchLimit);
      try {
        runSteps(steps, [], [subject]);
      } finally {
        subject.close();
      }
      checkTotals(path);
      const backend = open();
      await defragment(backend, path);
      backend.close();
      checkTotals(path);
    }),
    { numRuns: 8 },
  );
  t.pass();
});

t.test('what is taken back leaves the totals as they were', async (t) => {
  const path = join(temporaryFolder(t), 'db');
  const backend = new LmdbBackend(path, { durable: false });
  const { key, index } = backend.tables;
  const row = (main: number) => encodeRevisionKey({ main, sub: 0 });
  const crash = (body: () => unknown) => assert.throws(() => backend.transaction(body), /^Error: crash$/);
  backend.transaction(() => {
    key.put(row(2), Buffer.from('a'));
    crash(() => {
      key.put(row(3), Buffer.from('b'));
      key.delete(row(2));
      backend.transaction(() => index.put(Buffer.from('Lx'), Buffer.alloc(0)));
      throw new Error('crash');
    });
    t.equal(backend.tables.key.size(), 1);
    backend.transaction(() => key.put(row(4), Buffer.from('c')));
    key.put(row(4), Buffer.from('d'));
    key.delete(row(5));
  });
  crash(() => {
    key.put(row(9), Buffer.from('x'));
    throw new Error('crash');
  });
  await assert.rejects(
    backend.transaction(async () => {
      key.put(row(9), Buffer.from('x'));
      await assert.rejects(
        backend.transaction(async () => {
          key.delete(row(2));
          await undefined;
          throw new Error('crash');
        }),
      );
      throw new Error('crash');
    }),
    /^Error: crash$/,
  );
  key.put(row(6), Buffer.from('alone'));
  backend.close();
  t.match(checkTotals(path), { parts: { key: { rows: 3 }, index: { rows: 0 } }, newest: row(6) });
});

t.test('the sum of a row is of its table, key and value', async (t) => {
  const values = new RowValues('key');
  values.summed = true;
  const [key, value] = [Buffer.from('ab'), Buffer.from('cde')];
  const sum = values.sum(key, value);
  t.ok(values.decode(values.withSum(value, sum)).equals(value));
  t.equal(values.sumOfLast(key), sum);
  t.equal(values.sumOfLast(Buffer.from('ac')), undefined, 'another key');
  t.not(values.sum(Buffer.from('eab'), Buffer.from('cd')), sum, 'a byte that has moved');
  t.not(new RowValues('index').sum(key, value), sum, 'another table');
  values.decode(Buffer.from('abc'));
  t.equal(values.sumOfLast(key), undefined, 'too short for a sum');
  const nothing = values.sum(key, Buffer.alloc(0));
  t.equal(values.sum(key, Buffer.from('x').subarray(1)), nothing, 'wherever nothing lies');
});

function small(t: Test): Promise<string> {
  return newDatabase(t, ({ store }) => {
    store.grantLease(7n, 9_000_000_000);
    for (let i = 0; i < 120; i++)
      store.write((txn) => txn.put(`key${i % 50}`, Buffer.from(`value ${i}`), i % 9 ? 0n : 7n));
    store.write((txn) => txn.deleteRange('key3'));
    store.compact(20);
  });
}

function read(path: string): string {
  const backend = new LmdbBackend(path, { readOnly: true });
  try {
    const store = new StoreReader(backend);
    const keys = Array.from({ length: 50 }, (_, i) => store.range({ key: `key${i}` }));
    const old = store.range({ ...ALL, rev: 60 });
    const records = [...store.records(0, store.currentRev)].map(({ main, valueBytes }) => [main, valueBytes]);
    const leases = [...store.leases.list()].map(({ id }) => [String(id), store.leases.keys(id)]);
    const replacer = (_: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value);
    return JSON.stringify([keys, old, records, store.hash(), leases, store.countKeys(), store.range(ALL)], replacer);
  } finally {
    backend.close();
  }
}

t.test('a changed byte in a row is told, or changes nothing', async (t) => {
  const path = await small(t);
  const wanted = read(path);
  const good = readFileSync(join(path, 'data.mdb'));
  const folder = temporaryFolder(t);
  const next = random(SEED);
  const places: number[] = [];
  for (const table of ['key', 'index', 'lease', 'meta'] as const) {
    for (const { key, value } of tamperRows(path, table, (rows) => [...rows.getRange({ start: Buffer.from([0]) })])) {
      const row = Buffer.concat([key, value]);
      for (let at = good.indexOf(row); at >= 0; at = good.indexOf(row, at + 1)) places.push(at + next(row.length));
    }
  }
  const wrong: string[] = [];
  let told = 0;
  for (let i = 0; i < 120; i++) {
    const at = places[next(places.length)]!;
    const bytes = Buffer.from(good);
    bytes[at]! ^= 1 << next(8);
    const db = join(folder, `${i}`);
    mkdirSync(db);
    writeFileSync(join(db, 'data.mdb'), bytes);
    try {
      if (read(db) !== wanted) wrong.push(`byte ${at}: another answer`);
    } catch (error) {
      told++;
      if ((error as { code?: unknown }).code !== 'CORRUPT') wrong.push(`byte ${at}: ${error}`);
    }
  }
  t.strictSame(wrong, []);
  t.ok(told > 30, `${told} of 120 were told`);
});

async function refuses(t: Test, db: string, command: readonly string[], message: RegExp): Promise<void> {
  const { exitCode, stdout, stderr } = await runCli(['--db', db, ...command]);
  t.match({ exitCode, stdout, stderr }, { exitCode: 3, stdout: '', stderr: message }, command.join(' '));
}

t.test('a message names the row', async (t) => {
  const wrongByte = (value: Buffer) => Buffer.concat([Buffer.from([value[0]! ^ 1]), value.subarray(1)]);
  const rows: [table: 'key' | 'index', row: Buffer, message: RegExp][] = [
    [
      'key',
      encodeRevisionKey({ main: 100, sub: 0 }),
      /^Error: revision 100_0: its row in table key has a wrong sum\nHint: restore it/,
    ],
    [
      'index',
      Buffer.from('Lkey7\0\x01'),
      /the newest revision of key "key7" in the index: its row in table index has a/,
    ],
  ];
  for (const [table, key, message] of rows) {
    const db = await small(t);
    tamperRows(db, table, (all) => all.putSync(key, wrongByte(all.get(key)!)));
    // The transaction that has changed the row did not write totals.
    await refuses(
      t,
      db,
      ['hash'],
      /the totals in table meta are of transaction \d+, and the newest is \d+\nHint: restore/,
    );
    setTransaction(db);
    await refuses(t, db, table === 'key' ? ['hash'] : ['get', 'key7'], message);
  }
});

/** Says in the totals that the newest transaction has written them. */
function setTransaction(db: string, change: (totals: Buffer) => void = () => undefined): void {
  const values = new RowValues('meta');
  const key = Buffer.from('mvccw.totals');
  tamperRows(db, 'meta', (rows) => {
    const totals = Buffer.from(rows.get(key)!.subarray(0, -4));
    totals.writeUIntBE(totals.readUIntBE(0, 6) + 2, 0, 6);
    change(totals);
    rows.putSync(key, values.withSum(totals, values.sum(key, totals)));
  });
}

t.test('rows that are missing, or older than the last write', async (t) => {
  const row = encodeRevisionKey({ main: 100, sub: 0 });
  const missing = await small(t);
  tamperRows(missing, 'key', (rows) => rows.removeSync(row));
  setTransaction(missing);
  await refuses(t, missing, ['get', 'key1'], /table key has \d+ rows, and \d+ were written\nHint: restore it/);
  await refuses(t, missing, ['put', 'key1', 'x'], /table key has \d+ rows, and \d+ were written\nHint: restore it/);

  const last = await small(t);
  tamperRows(last, 'key', (rows) => rows.removeSync(encodeRevisionKey({ main: 122, sub: 0 }, true)));
  setTransaction(last, (totals) => totals.writeUIntBE(totals.readUIntBE(6, 6) - 1, 6, 6));
  await refuses(
    t,
    last,
    ['get', 'key1'],
    /the newest record in table key is revision 121_0, and revision 122_0 was written/,
  );

  const older = await small(t);
  const values = new RowValues('key');
  tamperRows(older, 'key', (rows) => {
    const value = Buffer.from(rows.get(row)!.subarray(0, -4));
    value[value.length - 1]! ^= 1;
    rows.putSync(row, values.withSum(value, values.sum(row, value)));
  });
  setTransaction(older);
  await refuses(t, older, ['hash'], /table key has \d+ rows, but not those that were written last\nHint: restore it/);
});

t.test('an index that is older than the last write, with right sums', async (t) => {
  const slot = Buffer.from('Lkey7\0\x01');
  const stale = await small(t);
  // Key 7 was put at 9, 59 and 109; the compaction at 20 has left all of them.
  tamper(stale, ({ tables: { index } }) => {
    const state = index.get(slot)!;
    state.writeUInt32BE(59, 5);
    index.put(slot, state);
  });
  const twice = /the index is damaged: key "key7" has revision 59_0 both as its newest and as an older one\nHint: /;
  await refuses(t, stale, ['get', 'key7'], twice);
  await refuses(t, stale, ['put', 'key7', 'x'], twice);

  const missing = await small(t);
  tamper(missing, ({ tables: { index } }) => index.delete(slot));
  const none = /the index is damaged: key "key7" has older revisions, and no newest one\nHint: /;
  await refuses(t, missing, ['get', 'key7'], none);
  await refuses(t, missing, ['put', 'key7', 'x'], none);
});

t.test('a read of all keys, and the count of them, is compared with the totals', async (t) => {
  const db = await small(t);
  const values = new RowValues('index');
  values.summed = true;
  const slot = Buffer.from('Lkey7\0\x01');
  tamperRows(db, 'index', (rows) => {
    const state = Buffer.from(rows.get(slot)!.subarray(0, -4));
    state.writeUInt32BE(59, 5);
    rows.putSync(slot, values.withSum(state, values.sum(slot, state)));
  });
  setTransaction(db);
  const message =
    /the newest revisions in table index have 50 rows, but not those that were written last\nHint: restore/;
  await refuses(t, db, ['get', '', '--prefix'], message);
  await refuses(t, db, ['status'], message);
});
