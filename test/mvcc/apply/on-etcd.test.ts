// These tests give drawn logs to a real etcd, which applies them when it starts: its database has to be what the plain
// model and `mvccw wal check` make of the same log.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { readLog } from '../../../src/wal/read-log.js';
import fc from '../../support/fast-check.js';
import { type LogOwner, logHistory, writeHistory } from '../../support/log-histories.js';
import { draws, SEED } from '../../support/random.js';
import { EtcdServer, noEtcd } from '../../support/real-etcd.js';
import { recordedLog } from '../../support/recorded-logs.js';
import { runCli, stdoutOf, temporaryFolder } from '../../support/run-cli.js';
import { memorySegments } from '../../support/wal-segments.js';
import { entryIn, takeApart } from '../../support/write-log.js';

const HISTORIES = draws(1, 12);
/** The entries with which a member begins: itself, a leader, and its name and version. */
const FIRST_ENTRIES = 4;

/** Returns what a log of an older server, which is a cluster of one member, begins with. */
function owner(): LogOwner {
  const segments = recordedLog('mixed-34', 'm1');
  const { nodeId, clusterId } = readLog(memorySegments(segments)).metadata!;
  const entries = takeApart(segments).flatMap((record) => entryIn(record) ?? []);
  return { nodeId, clusterId, entries: entries.slice(0, FIRST_ENTRIES), isRestarted: true };
}

t.test('a server makes the same of a log', { skip: noEtcd }, async (t) => {
  for (const drawn of fc.sample(logHistory, { seed: SEED, numRuns: HISTORIES })) {
    // Members that are not there cannot be added, and what is not committed the server commits.
    const steps = drawn.steps.map((step) => ('furniture' in step && step.furniture === 'confChange' ? NOOP : step));
    const { segments, model } = writeHistory({ steps, uncommitted: [] }, owner());
    const directory = join(temporaryFolder(t), 'data');
    mkdirSync(join(directory, 'member', 'wal'), { recursive: true, mode: 0o700 });
    mkdirSync(join(directory, 'member', 'snap'));
    for (const { name, bytes } of segments) writeFileSync(join(directory, 'member', 'wal', name), bytes);
    const server = await EtcdServer.on(t, directory);
    await server.stop();
    const checked = await runCli(['wal', 'check', '--db', directory, '-w', 'json']);
    t.equal(checked.exitCode, 0, checked.stdout);
    const database = ['--db', join(directory, 'member', 'snap', 'db'), '--compacted', '-w', 'json'];
    const { header, kvs = [] } = JSON.parse(await stdoutOf(t, ['get', '', '--prefix', ...database]));
    t.equal(header.revision, model.store.currentRev);
    const live = [...model.store.recordsAt({ key: '', end: '' })];
    t.strictSame(
      kvs.map(({ key, mod_revision, version }: Record<string, unknown>) => [key, mod_revision, version]),
      live.map(({ key, modRevision, version }) => [
        Buffer.from(key, 'latin1').toString('base64'),
        modRevision,
        version,
      ]),
    );
  }
});

const NOOP = { furniture: 'noop' } as const;
