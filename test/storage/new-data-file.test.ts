// These tests cut the power at every point of the first creation of a database. strace records the file operations of a
// put, and each beginning of them is played into a directory of its own: there is a database with nothing wrong, or none
// and a put makes one, and nobody has to remove anything.

import { spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  fstatSync,
  ftruncateSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmdirSync,
  statSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { withDatabase, withWritableDatabase } from '../../src/storage/database.js';
import { LmdbBackend } from '../../src/storage/lmdb-backend.js';
import { BIN } from '../support/processes.js';
import { temporaryFolder } from '../support/run-cli.js';

const STRACE = spawnSync('strace', ['-f', '-e', 'trace=none', 'true'], { encoding: 'utf8' });

/** A file operation; `play` does it to a copy, and `name` says what it is. */
interface Operation {
  readonly name: string;
  play(copy: Copy): void;
}

/** An open file of a copy, with the place of the next write that names none. */
interface Open {
  readonly descriptor: number;
  /** Whether each write is on the disk when it returns. */
  readonly syncs: boolean;
  position: number;
}

/** A directory in which operations are played. It knows the files with data that was not written to the disk. */
class Copy {
  readonly files = new Map<string, Open>();
  /** The bytes on the disk of each file with others in memory, by its inode. */
  private readonly onDisk = new Map<number, { readonly file: Open; readonly bytes: Buffer }>();

  constructor(
    private readonly from: string,
    readonly to: string,
  ) {}

  path(traced: string): string {
    return traced.replace(this.from, this.to);
  }

  open(path: string, descriptor: string, flags: string): void {
    if (flags.includes('O_CREAT') && !existsSync(path)) writeFileSync(path, '');
    const own = openSync(path, statSync(path).isDirectory() ? 'r' : 'r+');
    this.files.set(descriptor, { descriptor: own, syncs: flags.includes('O_DSYNC'), position: 0 });
  }

  write(descriptor: string, bytes: Buffer, offset?: number): void {
    const file = this.files.get(descriptor)!;
    const { ino, size } = fstatSync(file.descriptor);
    const before = Buffer.alloc(size);
    readSync(file.descriptor, before, 0, size, 0);
    if (!file.syncs && !this.onDisk.has(ino)) this.onDisk.set(ino, { file, bytes: before });
    writeSync(file.descriptor, bytes, 0, undefined, offset ?? file.position);
    if (offset === undefined) file.position += bytes.length;
  }

  seek(descriptor: string, position: number): void {
    this.files.get(descriptor)!.position = position;
  }

  sync(descriptor: string): void {
    this.onDisk.delete(fstatSync(this.files.get(descriptor)!.descriptor).ino);
  }

  /** Takes away what was not written to the disk. */
  loseUnsynced(): void {
    for (const { file, bytes } of this.onDisk.values()) {
      ftruncateSync(file.descriptor, bytes.length);
      writeSync(file.descriptor, bytes, 0, undefined, 0);
    }
  }

  close(): void {
    for (const { descriptor } of this.files.values()) closeSync(descriptor);
  }
}

const bytesOf = (hex: string) => Buffer.from(hex.replaceAll('\\x', ''), 'hex');

/** Plays the calls that name files; the second path is that of `link` and `rename`. */
const NAMING: Readonly<Record<string, (first: string, second: string) => void>> = {
  mkdir: (first) => mkdirSync(first),
  link: linkSync,
  rename: renameSync,
  unlink: unlinkSync,
  rmdir: (first) => rmdirSync(first),
};

/** Plays the calls on an open file, with the strings of the call and its last number. */
const WRITING: Readonly<Record<string, (copy: Copy, descriptor: string, bytes: Buffer, last: number) => void>> = {
  write: (copy, descriptor, bytes) => copy.write(descriptor, bytes),
  writev: (copy, descriptor, bytes) => copy.write(descriptor, bytes),
  pwrite64: (copy, descriptor, bytes, offset) => copy.write(descriptor, bytes, offset),
  pwritev: (copy, descriptor, bytes, offset) => copy.write(descriptor, bytes, offset),
  ftruncate: (copy, descriptor, _bytes, size) => ftruncateSync(copy.files.get(descriptor)!.descriptor, size),
  fsync: (copy, descriptor) => copy.sync(descriptor),
  fdatasync: (copy, descriptor) => copy.sync(descriptor),
};

/** Returns what a line of the trace does below the directory; undefined for anything else. */
function operationOf(line: string, directory: string, names: Map<string, string>): Operation | undefined {
  const [, call = '', rest = '', result = ''] = /^\d+ +(\w+)\((.*)\) += (\d+)$/.exec(line) ?? [];
  const strings = [...rest.matchAll(/"([^"]*)"/g)].map(([, hex]) => bytesOf(hex!));
  const [first = '', second = ''] = strings.map(String);
  if (call === 'openat') {
    if (!first.startsWith(directory)) names.delete(result);
    else names.set(result, first);
    return names.has(result)
      ? {
          name: `${rest.includes('O_CREAT') ? 'create' : 'open'} ${first}`,
          play: (copy) => copy.open(copy.path(first), result, rest),
        }
      : undefined;
  }
  if (call in NAMING && first.startsWith(directory)) {
    return { name: `${call} ${first} ${second}`, play: (copy) => NAMING[call]!(copy.path(first), copy.path(second)) };
  }
  const descriptor = /^\d+/.exec(rest)?.[0] ?? '';
  const file = names.get(descriptor);
  if (file === undefined) return undefined;
  if (call === 'close') names.delete(descriptor);
  const name = `${call} ${file}`;
  if (call === 'lseek') return { name, play: (copy) => copy.seek(descriptor, Number(result)) };
  const play = WRITING[call];
  const last = Number(/(\d+)$/.exec(rest)?.[1]);
  return play && { name, play: (copy) => play(copy, descriptor, Buffer.concat(strings), last) };
}

function tracedCreation(directory: string, trace: string): Operation[] {
  const calls =
    'trace=mkdir,openat,close,link,rename,unlink,rmdir,lseek,write,writev,pwrite64,pwritev,ftruncate,fsync,fdatasync';
  const argv = ['-f', '-xx', '-s', '100000', '-o', trace, '-e', calls, process.execPath, BIN];
  const { status } = spawnSync('strace', [...argv, '--db', directory, 'put', 'k', 'v'], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`the put ended with ${status}`);
  const traced = new Map<string, string>();
  return readFileSync(trace, 'utf8')
    .split('\n')
    .map((line) => operationOf(line, directory, traced))
    .filter((operation) => operation !== undefined);
}

t.test(
  'a power cut at any time',
  { skip: STRACE.status !== 0 && 'strace is not here, or may not trace' },
  async (t) => {
    const folder = temporaryFolder(t);
    const original = join(folder, 'original');
    const operations = tracedCreation(original, join(folder, 'trace'));
    t.ok(operations.some(({ name }) => /^link .*filling.*data\.mdb .*original\/data\.mdb$/.test(name)));
    t.ok(operations.some(({ name }) => /^fdatasync .*data\.mdb$/.test(name)));

    let [without, withDatabaseThere] = [0, 0];
    for (const loses of [false, true]) {
      for (let count = 0; count <= operations.length; count++) {
        // A cut behind an operation that changes nothing is a cut before it.
        if (/^(open|lseek) /.test(operations[count - 1]?.name ?? '')) continue;
        const copy = new Copy(original, join(folder, `${loses}-${count}`));
        for (const { play } of operations.slice(0, count)) play(copy);
        if (loses) copy.loseUnsynced();
        copy.close();
        const last = `${loses ? 'unwritten data lost, ' : ''}after ${count}: ${operations[count - 1]?.name}`;
        if (existsSync(join(copy.to, 'data.mdb'))) {
          withDatabaseThere++;
          await withDatabase(copy.to, async ({ store }) => t.ok(store.currentRev <= 2, last));
        } else without++;
        await withWritableDatabase(
          copy.to,
          async ({ store }) => void store.write((txn) => txn.put('k', Buffer.from('w'))),
        );
        const found = await withDatabase(copy.to, async ({ store }) =>
          store.range({ key: 'k' }).kvs[0]?.value.toString(),
        );
        t.equal(found, 'w', last);
        t.same(readdirSync(copy.to).sort(), ['data.mdb', 'lock.mdb'], `${last}: nothing is left`);
      }
    }
    t.ok(without > 10 && withDatabaseThere > 10, `${without} without a database, ${withDatabaseThere} with one`);
  },
);

t.test('the lock file is written in full', async (t) => {
  const folder = temporaryFolder(t);
  const open = (name: string, readOnly: boolean) => {
    const path = join(folder, name);
    new LmdbBackend(path, { readOnly }).close();
    const { size, blocks } = statSync(join(path, 'lock.mdb'));
    t.ok(blocks * 512 >= size, `${blocks} blocks for ${size} bytes`);
    return size;
  };
  const size = open('new', false);
  unlinkSync(join(folder, 'new', 'lock.mdb'));
  t.equal(open('new', true), size, 'a reader makes it too');
  truncateSync(join(folder, 'new', 'lock.mdb'), 0);
  new LmdbBackend(join(folder, 'new')).close();
  t.equal(statSync(join(folder, 'new', 'lock.mdb')).size, size, 'it has the size that LMDB gives it');
});
