// A packed file is unpacked as gunzip does it. What gunzip would refuse is refused with its place, and no file is left.

import { spawnSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync, gzipSync } from 'node:zlib';
import t, { type Test } from 'tap';
import { openUnpacked } from '../../src/storage/open-unpacked.js';
import { BIN } from '../support/processes.js';
import { runCli, temporaryFolder } from '../support/run-cli.js';
import { snapshotBytes } from '../support/snapshots.js';

const CONTENT = Buffer.from('the bytes of a database '.repeat(9000));
const PACKED = gzipSync(CONTENT);

function fileOf(t: Test, bytes: Buffer): string {
  const path = join(temporaryFolder(t), 'x.gz');
  writeFileSync(path, bytes);
  return path;
}

interface Unpacked {
  readonly content: Buffer;
  readonly remark: string | undefined;
}

async function unpacked(t: Test, bytes: Buffer): Promise<Unpacked> {
  const file = await openUnpacked(fileOf(t, bytes));
  try {
    return { content: file.read(0, file.sizeBytes), remark: file.unpacked?.remark };
  } finally {
    file.close();
  }
}

/** Makes a member with fields in its header. */
function memberWith({ flags, fields }: { flags: number; fields: Buffer }): Buffer {
  const header = Buffer.from([0x1f, 0x8b, 8, flags, 0, 0, 0, 0, 0, 3]);
  return Buffer.concat([header, fields, deflateRawSync(CONTENT), PACKED.subarray(-8)]);
}

t.test('each form of a gzip file', async (t) => {
  const extra = Buffer.from([3, 0, 1, 2, 3]);
  const text = Buffer.from(`${'a name '.repeat(100)}\0`);
  const table: [name: string, bytes: Buffer][] = [
    ['one member', PACKED],
    ['a name', memberWith({ flags: 8, fields: text })],
    ['all fields', memberWith({ flags: 31, fields: Buffer.concat([extra, text, text, Buffer.from([9, 9])]) })],
    ['stored bytes', gzipSync(CONTENT, { level: 0 })],
    [
      'three members, one of them empty',
      Buffer.concat([gzipSync(''), gzipSync(CONTENT.subarray(0, 7)), gzipSync(CONTENT.subarray(7))]),
    ],
    ['zeros at the end', Buffer.concat([PACKED, Buffer.alloc(1000)])],
  ];
  for (const [name, bytes] of table) {
    const { content, remark } = await unpacked(t, bytes);
    t.ok(content.equals(CONTENT), name);
    t.equal(remark, undefined, name);
  }
});

t.test('what is not packed is opened as it is', async (t) => {
  for (const text of ['', 'x', 'plain']) t.match(await unpacked(t, Buffer.from(text)), { content: Buffer.from(text) });
});

t.test('what follows the gzip data is told', async (t) => {
  const { content, remark } = await unpacked(t, Buffer.concat([PACKED, Buffer.from('\0\0rubbish')]));
  t.ok(content.equals(CONTENT));
  t.match(remark, `9 bytes follow the gzip data, which ends at byte ${PACKED.length}; `);
  t.match((await unpacked(t, Buffer.concat([PACKED, Buffer.from('\n')]))).remark, /^1 byte follows/);
});

t.test('a file that was cut anywhere is refused', async (t) => {
  const packed = memberWith({ flags: 8, fields: Buffer.from('name\0') });
  for (const bytes of [2, 3, 9, 10, 12, 15, 16, 17, 100, packed.length - 9, packed.length - 8, packed.length - 1]) {
    await t.rejects(
      unpacked(t, packed.subarray(0, bytes)),
      { code: 'CORRUPT', message: new RegExp(`x.gz: the gzip file was cut short: it ends at byte ${bytes},`) },
      `${bytes} bytes`,
    );
  }
  const second = Buffer.concat([PACKED, PACKED.subarray(0, 30)]);
  await t.rejects(unpacked(t, second), { code: 'CORRUPT', message: /cut short/ }, 'in its second member');
});

t.test('damage is told with its place', async (t) => {
  const changed = (at: number, to: number) => {
    const bytes = Buffer.from(PACKED);
    bytes[at] = to;
    return bytes;
  };
  const table: [name: string, bytes: Buffer, message: RegExp][] = [
    ['method', changed(2, 7), /no gzip writes the header at byte 0$/],
    ['flags', changed(3, 0xff), /no gzip writes the header at byte 0$/],
    ['block type', changed(10, 7), /invalid block type behind byte 10$/],
    [
      'checksum',
      changed(PACKED.length - 8, PACKED.at(-8)! ^ 1),
      /checksum at byte \d+ is not that of the 216000 bytes/,
    ],
    ['length', changed(PACKED.length - 1, 1), /the checksum at byte \d+ is not that/],
    ['second member', Buffer.concat([PACKED, changed(2, 7)]), new RegExp(`header at byte ${PACKED.length}$`)],
  ];
  for (const [name, bytes, message] of table) {
    await t.rejects(unpacked(t, bytes), { code: 'CORRUPT', message }, name);
  }
});

t.test('the temporary file has no name, and where there is no room for it, that is told', async (t) => {
  const folder = temporaryFolder(t);
  const path = fileOf(t, gzipSync(snapshotBytes('small-35')));
  const script = `trap '' XFSZ; ulimit -f 2; exec "$0" "$@"`;
  const { status, stdout, stderr } = spawnSync('sh', ['-c', script, process.execPath, BIN, 'hash', '--db', path], {
    encoding: 'utf8',
    env: { ...process.env, TMPDIR: folder },
  });
  t.strictSame({ status, stdout }, { status: 5, stdout: '' });
  t.match(stderr, `Error: cannot unpack ${path} into ${folder}: EFBIG`);
  t.match(stderr, /\nHint: .* free some space there, or name another folder with \$TMPDIR\n$/);
  t.strictSame(readdirSync(folder), []);

  const { TMPDIR } = process.env;
  t.teardown(() => {
    if (TMPDIR === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
  });
  process.env.TMPDIR = join(folder, 'none');
  t.match(await runCli(['hash', '--db', path]), {
    exitCode: 5,
    stderr:
      /^Error: cannot make a temporary file in \S+none: ENOENT.*\nHint: .* or name another folder with \$TMPDIR\n$/,
  });
});

t.test('commands name the packed file', async (t) => {
  const path = fileOf(t, Buffer.concat([gzipSync(snapshotBytes('fresh-35')), Buffer.from('x')]));
  const { exitCode, stderr } = await runCli(['get', 'a', '--rev', '99', '--db', path]);
  t.equal(exitCode, 4);
  t.match(stderr, /^Hint: 1 byte follows the gzip data/);
  t.match(await runCli(['check', '--db', path]), { exitCode: 1, stdout: /1 byte follows the gzip data/ });
  t.match(await runCli(['status', '--db', path]), { exitCode: 1, stdout: /^damage +1 byte follows the gzip data/m });
  const tar = fileOf(t, gzipSync(Buffer.concat([Buffer.alloc(257), Buffer.from('ustar'), Buffer.alloc(1000)])));
  t.match(await runCli(['hash', '--db', tar]), {
    exitCode: 3,
    stderr: `Error: ${tar}: not a bbolt file: it is a tar archive\nHint: unpack it first: tar -x\n`,
  });
  const twice = fileOf(t, gzipSync(PACKED));
  t.match(
    (await runCli(['hash', '--db', twice])).stderr,
    `Error: ${twice}: not a bbolt file: it is gzip-compressed more`,
  );
});
