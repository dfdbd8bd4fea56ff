// Hashes and counts of real etcd files are those that the real tools gave.

import t, { type Test } from 'tap';
import { StoreReader } from '../../src/mvcc/store.js';
import { etcdRelease } from '../../src/replay/releases/etcd-release.js';
import { withDatabase } from '../../src/storage/database.js';
import { importInto, runCli, temporaryFolder } from '../support/run-cli.js';
import { slowCrc32c } from '../support/slow-crc32c.js';
import { type Expected, expectedOf, snapshotNames, unpackSnapshot } from '../support/snapshots.js';
import { comparable, comparableLine } from '../support/tool-output.js';
import { fingerprint } from '../support/untouched.js';

interface HashAnswer {
  readonly header: { readonly revision: number };
  readonly hash: number;
  readonly compact_revision: number;
}

function answerOf(output: unknown): HashAnswer {
  return (comparable(output) as { HashKV: HashAnswer }[])[0]!.HashKV;
}

/**
 * At exactly the compact revision a file cannot answer as its server did: a 3.5 server has kept the hash that it took
 * while it compacted, over records that are gone now, with the compact revision of before; a 3.4.23 server refuses. A
 * file gives what a server answers that was restarted on it: the hash of what compaction has left.
 */
async function hashOfTheRest(db: string, compactRev: number): Promise<HashAnswer> {
  return await withDatabase(db, async ({ store }) => {
    const left = [...store.records(0, compactRev)].filter(({ main, tombstone }) => main < compactRev || !tombstone);
    const bytes = left.flatMap(({ keyBytes, valueBytes }) => [keyBytes, valueBytes]);
    return {
      header: { revision: store.currentRev },
      hash: slowCrc32c(Buffer.concat([Buffer.from('key'), ...bytes])),
      compact_revision: compactRev,
    };
  });
}

async function checkHashes(t: Test, db: string, expected: Expected): Promise<void> {
  for (const recorded of expected.hashkv ?? []) {
    const args = recorded.rev === null ? [] : ['--rev', String(recorded.rev)];
    const run = await runCli(['--db', db, 'hash', '-w', 'json', ...args]);
    const what = `hash ${args.join(' ')}`.trim();
    const atCompactRev = recorded.rev === expected.compactRevision;
    if (recorded.exit !== 0 && !atCompactRev) {
      const why = recorded.rev! > expected.currentRevision ? /future/ : /compacted/;
      t.match(recorded.stderr, why, `etcd refused ${what}`);
      t.match(run, { exitCode: 4, stdout: '', stderr: why }, `${what} is refused`);
      continue;
    }
    t.match(run, { exitCode: 0, stderr: '' }, `${what} exits with 0`);
    const wanted = atCompactRev ? await hashOfTheRest(db, expected.compactRevision) : answerOf(recorded.result);
    t.same(answerOf(comparableLine(run.stdout)), wanted, what);
  }
}

/** Checks what both mvccw and etcd say of the store. */
async function checkStatus(t: Test, db: string, expected: Expected): Promise<Record<string, unknown>> {
  const run = await runCli(['--db', db, 'status', '-w', 'json']);
  t.match(run, { exitCode: 0, stderr: '' }, 'status exits with 0');
  const status = JSON.parse(run.stdout) as Record<string, unknown>;
  const keysIn = (name: string) => expected.bolt.buckets.find((bucket) => bucket.name === name)!.keys;
  t.match(
    status,
    {
      currentRev: expected.currentRevision,
      compactRev: expected.compactRevision,
      oldestRev: Math.max(1, expected.compactRevision),
      compactionCutShort: false,
      records: keysIn('key'),
      leases: keysIn('lease'),
    },
    'status',
  );
  const all = expected.gets?.find(({ args }) => args.join(' ') === ' --prefix');
  if (all !== undefined) t.equal(status.liveKeys, (all.result as { count?: number }).count ?? 0, 'live keys');
  return status;
}

for (const name of snapshotNames()) {
  const expected = expectedOf(name);
  if (expected === undefined) continue;
  t.test(name, async (t) => {
    const folder = temporaryFolder(t);
    const file = unpackSnapshot(name, folder);
    const imported = await importInto(t, file, folder);
    const before = fingerprint(file);

    await t.test('in the file', async (t) => {
      await checkHashes(t, file, expected);
      const { fileSize, txid, pageSize, txSize } = expected.bolt;
      const hasTrailer = expected.file.trailingSha256;
      t.match(
        await checkStatus(t, file, expected),
        {
          kind: hasTrailer ? 'etcdSnapshot' : 'etcdFile',
          digest: hasTrailer ? 'ok' : 'absent',
          sizeBytes: fileSize,
          txid,
          pageSize,
          highWaterMark: txSize / pageSize,
          metaProblems: [],
        },
        'status of the file itself',
      );
      t.match(await runCli(['--db', file, 'tree']), { exitCode: 0, stdout: /^0 intervals/ }, 'tree');
    });

    await t.test('imported', async (t) => {
      await checkHashes(t, imported, expected);
      t.match(
        await checkStatus(t, imported, expected),
        { kind: 'mvccw', importedFrom: file },
        'status of the database',
      );
      for (const argv of [['hash'], ['status', '-w', 'json']]) {
        const first = await runCli(['--db', imported, ...argv]);
        t.same(await runCli(['--db', imported, ...argv]), first, `${argv[0]} prints the same twice`);
      }
    });

    t.same(fingerprint(file), before, 'the file is as it was');
  });
}

t.test('as a release that refuses the hash of the compact revision, which servers of 3.4.23 do', async (t) => {
  const file = unpackSnapshot('small-34', temporaryFolder(t));
  const { compactRevision } = expectedOf('small-34')!;
  await withDatabase(file, async ({ backend }) => {
    const { behaviours } = etcdRelease('3.4.23');
    t.throws(() => new StoreReader(backend, behaviours).hash(compactRevision), { code: 'COMPACTED' });
  });
});
