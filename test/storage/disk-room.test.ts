import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { MvccwError } from '../../src/errors.js';
import { checkRoom, type Disk, DiskRoom } from '../../src/storage/disk-room.js';
import { BIN, mvccw } from '../support/processes.js';
import { temporaryFolder } from '../support/run-cli.js';

t.test('room is looked for without a trace', async (t) => {
  const folder = temporaryFolder(t);
  checkRoom(folder, 3_000_000, 100_000);
  t.strictSame(readdirSync(folder), []);
  t.throws(() => checkRoom(join(folder, 'none'), 1), { code: 'IO', message: /cannot write to/ });
});

// LMDB's own message about such a write once ended the process by a signal now and then.
t.test('LMDB is not asked to write what there is no room for', async (t) => {
  const folder = temporaryFolder(t);
  const db = join(folder, 'db');
  t.match(mvccw(['--db', db, 'put', 'k', 'v']), { status: 0 });
  const script = `trap '' XFSZ; ulimit -f 200; exec "$0" "$@"`;
  const put = ['--db', db, 'put', 'k', 'x'.repeat(60_000)];
  const { status, stdout, stderr } = spawnSync('sh', ['-c', script, process.execPath, BIN, ...put], {
    encoding: 'utf8',
  });
  t.match({ status, stdout }, { status: 5, stdout: '' });
  t.match(stderr, /^Error: cannot write to .*EFBIG: file too large.*\nHint: the file would be larger .*\n$/);
  t.match(mvccw(['--db', db, 'get', 'k']), { status: 0, stdout: 'k\nv\n' });
  t.strictSame(readdirSync(db).sort(), ['data.mdb', 'lock.mdb']);
});

// Each row of a large transaction once wrote as many zeros as the whole transaction needs, where the room came to an end.
t.test('a transaction that does not fit is refused after few tries', async (t) => {
  const ROW = 300;
  for (const roomBytes of [100_000, 1_000_000, 60_000_000]) {
    const tries: number[] = [];
    const disk: Disk = {
      freeBytes: () => roomBytes,
      checkRoom: (_directory, bytes) => {
        tries.push(bytes);
        if (bytes > roomBytes) throw new MvccwError('IO', 'full');
      },
    };
    const room = new DiskRoom('/', disk);
    room.begin(0);
    let rows = 0;
    t.throws(() => {
      for (; ; rows++) room.take(ROW);
    }, /full/);
    t.ok(tries.length < 400, `${tries.length} tries of ${roomBytes} bytes`);
    t.ok(2 * ROW * rows > roomBytes * 0.8 - 64 * 1024, `${rows} rows in ${roomBytes} bytes`);
  }
});
