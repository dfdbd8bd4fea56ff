// These tests check that what a command has acknowledged is on the disk: before it says OK, the data has been flushed,
// and then the meta page has been written through a descriptor that flushes with each write.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { BIN, mvccw, startWorker } from '../support/processes.js';
import { temporaryFolder } from '../support/run-cli.js';

const STRACE = spawnSync('strace', ['-f', '-e', 'trace=none', 'true'], { encoding: 'utf8' });

/** Returns the system calls of a put that matter, in order: page writes, flushes, the meta page, and the output. */
function tracedPut(db: string, trace: string): string[] {
  const calls = 'trace=openat,pwrite64,pwritev,writev,write,fdatasync,fsync,msync,close';
  spawnSync('strace', ['-f', '-o', trace, '-e', calls, process.execPath, BIN, '--db', db, 'put', 'k', 'v']);
  const names = new Map<string, string>();
  const seen: string[] = [];
  for (const line of readFileSync(trace, 'utf8').split('\n')) {
    const opened = /openat\(.*\/data\.mdb", (\S+?)(?:, \d+)?\) = (\d+)/.exec(line);
    if (opened !== null) names.set(opened[2]!, /O_DSYNC|O_SYNC/.test(opened[1]!) ? 'meta page' : 'pages');
    const closed = / close\((\d+)\)/.exec(line);
    if (closed !== null) names.delete(closed[1]!);
    const call = /(pwrite64|pwritev|writev|write|fdatasync|fsync)\((\d+)(.*)/.exec(line);
    if (call === null) continue;
    const [, name, descriptor, rest] = call;
    const file = names.get(descriptor!);
    if (file !== undefined) seen.push(name!.startsWith('f') ? `flush ${file}` : `write ${file}`);
    else if (descriptor === '1' && rest!.includes('OK')) seen.push('say OK');
  }
  return seen;
}

t.test('one flush a commit', { skip: STRACE.status !== 0 && 'strace is not here, or may not trace' }, async (t) => {
  const folder = temporaryFolder(t);
  const db = join(folder, 'db');
  mvccw(['--db', db, 'put', 'k', 'v']);
  const seen = tracedPut(db, join(folder, 'trace'));
  const merged = seen.filter((call, i) => call !== seen[i - 1]);
  t.same(merged, ['write pages', 'flush pages', 'write meta page', 'say OK'], seen.join(', '));
  t.equal(seen.filter((call) => call.startsWith('flush')).length, 1);
});

t.test('what was acknowledged survives kill -9', async (t) => {
  const db = join(temporaryFolder(t), 'db');
  for (let round = 0; round < 4; round++) {
    const worker = startWorker(t, db, 'put', `r${round}`, '1000000', '100');
    await worker.waitFor('\n');
    await worker.end('SIGKILL');
    const acknowledged = worker.stdout.split('\n').slice(0, -1).map(Number);
    const { stdout } = mvccw(['--db', db, 'get', `r${round}-`, '--prefix', '--keys-only', '-w', 'json']);
    const revisions = new Set(
      (JSON.parse(stdout) as { kvs: { mod_revision: number }[] }).kvs.map(({ mod_revision }) => mod_revision),
    );
    t.same(
      acknowledged.filter((revision) => !revisions.has(revision)),
      [],
      `round ${round}: ${acknowledged.length} acknowledged`,
    );
  }
});
