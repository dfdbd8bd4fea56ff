// Reads of etcd files, imported or not, give what `etcdctl get` and `etcdctl lease` gave on the same server.

import t from 'tap';
import { withDatabase } from '../../src/storage/database.js';
import { importInto, runCli, temporaryFolder } from '../support/run-cli.js';
import { type Expected, expectedOf, snapshotNames, unpackSnapshot } from '../support/snapshots.js';
import { comparable, comparableLine, toolArguments } from '../support/tool-output.js';
import { fingerprint } from '../support/untouched.js';

function modRevisions(answer: unknown): unknown {
  const { kvs, ...rest } = answer as { kvs: { mod_revision: number }[] };
  return { ...rest, revisions: kvs.map(({ mod_revision }) => mod_revision) };
}

/**
 * Returns the recorded gets except those with `--count-only`, which print nothing as JSON in some releases and are
 * refused by others.
 */
function recordedGets({ gets = [] }: Expected): NonNullable<Expected['gets']> {
  return gets.filter(({ args }) => !args.includes('--count-only'));
}

for (const name of snapshotNames()) {
  const expected = expectedOf(name);
  if (expected?.gets === undefined) continue;
  t.test(name, async (t) => {
    const folder = temporaryFolder(t);
    const file = unpackSnapshot(name, folder);
    const imported = await importInto(t, file, folder);

    const before = fingerprint(file);
    for (const path of [imported, file]) {
      const where = path === file ? 'in the file' : 'imported';
      for (const { args, exit, result } of recordedGets(expected)) {
        const what = `${where}: etcdctl get ${args.join(' ')}`;
        const run = await runCli(['--db', path, 'get', '-w', 'json', ...args]);
        if (exit !== 0) {
          const rev = Number(toolArguments(args).options.get('rev'));
          const stderr = rev > expected.currentRevision ? /is in the future/ : /has been compacted/;
          t.match(run, { exitCode: 4, stdout: '', stderr }, what);
          continue;
        }
        t.match(run, { exitCode: 0, stderr: '' }, what);
        const found = comparableLine(run.stdout);
        const wanted = comparable(result);
        // Go's sort is not stable, so the order of keys of one transaction is random.
        if (args.some((arg) => arg.startsWith('--sort-by'))) t.same(modRevisions(found), modRevisions(wanted), what);
        else t.same(found, wanted, what);
      }
    }
    t.same(fingerprint(file), before, 'get leaves the file as it was');

    await withDatabase(imported, async ({ store }) => {
      const leases = [...store.leases.list()].map(({ id, ttlSeconds, deadlineMs }) => ({
        id: Number(id),
        ttlSeconds,
        deadlineMs,
        keys: store.leases
          .keys(id)
          .map((key) => Buffer.from(key, 'latin1').toString('base64'))
          .sort(),
      }));
      const recorded = (expected.leases ?? []) as { id: number; 'granted-ttl': number; keys: string[] | null }[];
      const wanted = recorded.map((lease) => ({
        id: lease.id,
        ttlSeconds: lease['granted-ttl'],
        deadlineMs: undefined,
        keys: [...(lease.keys ?? [])].sort(),
      }));
      t.same(leases, wanted, 'leases, none of which runs yet');
    });
  });
}
