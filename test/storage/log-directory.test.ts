import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { MvccwError } from '../../src/errors.js';
import { logDirectoryIn, openLog } from '../../src/storage/log-directory.js';
import { unpackDataDirectory } from '../support/data-directories.js';
import { fingerprint } from '../support/untouched.js';

t.test('the log of a data directory, whichever part of it is named, is read and not touched', async (t) => {
  const data = unpackDataDirectory('mixed-34', 'm1', t.testdir());
  const segment = join(data, 'member/wal/0000000000000000-0000000000000000.wal');
  const before = fingerprint(segment);
  for (const given of [data, join(data, 'member'), join(data, 'member/wal')]) {
    t.equal(logDirectoryIn(given), join(data, 'member/wal'));
    const seen: number[] = [];
    const log = openLog(given, { onProgress: (_, done, total) => seen.push(done, total) });
    t.match([log.raft.damage, log.raft.tornTail, log.raft.lastIndex], [undefined, undefined, 710]);
    t.equal(seen.at(-2), seen.at(-1), 'told to the end');
    log.close();
  }
  t.strictSame(fingerprint(segment), before);
});

t.test('what holds no log', async (t) => {
  const folder = t.testdir();
  t.equal(logDirectoryIn(join(folder, 'nothing')), undefined);
  t.throws(() => openLog(join(folder, 'nothing')), { code: 'IO' });
  mkdirSync(join(folder, 'member/wal'), { recursive: true });
  writeFileSync(join(folder, 'member/wal/0.tmp'), '');
  t.throws(() => openLog(folder), { code: 'FORMAT' });
  mkdirSync(join(folder, 'member/wal/0000000000000000-0000000000000000.wal'));
  t.throws(() => openLog(folder), MvccwError, 'a folder with the name of a segment');
});
