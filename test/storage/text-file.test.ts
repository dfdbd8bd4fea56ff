// Every file that is read whole is read up to a bound, and nothing that a path may name makes mvccw wait without end.

import { execFileSync, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import t from 'tap';
import { readText } from '../../src/storage/text-file.js';

const OPTIONS = { maxBytes: 100_000, what: 'a scenario', maxWaitMs: 30 };

t.test('text, plain or packed, up to the bound', (t) => {
  const path = join(t.testdir(), 'file');
  const read = (bytes: string | Buffer) => {
    writeFileSync(path, bytes);
    return readText(path, OPTIONS);
  };
  const most = 'é'.repeat(50_000);
  t.equal(read(''), '');
  t.equal(read(most), most);
  t.equal(read(gzipSync(most)), most);
  t.throws(() => read(`${most}.`), {
    code: 'USAGE',
    message: `${path} has 100001 bytes, which is more than 100000 bytes`,
    hint: 'a scenario may have 100000 bytes',
  });
  // 27 MB once became 4.4 GB.
  t.throws(() => read(gzipSync(Buffer.alloc(50_000_000))), {
    code: 'USAGE',
    message: `${path} has, unpacked, more than 100000 bytes`,
  });
  t.throws(() => read(gzipSync(most).subarray(0, 20)), { code: 'CORRUPT', message: `cannot unpack ${path}` });
  t.throws(() => read(Buffer.from([0x61, 0xff])), { code: 'USAGE', message: `${path} is not text in UTF-8` });
  t.end();
});

t.test('what is no file', { skip: process.platform === 'win32' }, (t) => {
  const directory = t.testdir();
  const fifo = join(directory, 'fifo');
  execFileSync('mkfifo', [fifo]);
  const table: [path: string, code: string, message: RegExp][] = [
    [directory, 'IO', /: it is a directory$/],
    ['/dev/zero', 'IO', /: it is a device$/],
    ['/dev/null', 'IO', /: it is a device$/],
    [fifo, 'IO', /: for 0\.03 s nothing was written to it$/],
    [join(directory, 'nowhere'), 'IO', /ENOENT/],
    ['a\0b', 'USAGE', /a path cannot hold a zero byte/],
  ];
  for (const [path, code, message] of table) t.throws(() => readText(path, OPTIONS), { code, message }, path);
  t.end();
});

t.test('a pipe is read to its end, as long as a writer takes', { skip: process.platform === 'win32' }, (t) => {
  const fifo = join(t.testdir(), 'fifo');
  execFileSync('mkfifo', [fifo]);
  spawn('sh', ['-c', '(sleep 0.1; printf one; sleep 0.1; printf two) > "$0"', fifo]);
  t.equal(readText(fifo, { ...OPTIONS, maxWaitMs: 5000 }), 'onetwo', 'the writer takes its time');
  spawn('sh', ['-c', 'cat /dev/zero > "$0"', fifo]);
  t.throws(() => readText(fifo, { ...OPTIONS, maxWaitMs: 5000 }), {
    code: 'USAGE',
    message: / has more than 100000 bytes/,
  });
  t.end();
});

t.test('a file of /proc has content, though its size is 0', { skip: process.platform !== 'linux' }, (t) => {
  t.match(readText('/proc/self/status', OPTIONS), /^Name:/);
  t.end();
});
