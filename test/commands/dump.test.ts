// These tests dump databases and load the dumps: the database is made again as it was, and a dump that was cut short or
// altered makes none.

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { gunzipSync, gzipSync } from 'node:zlib';
import { Ajv } from 'ajv';
import t, { type Test } from 'tap';
import type { Bytes } from '../../src/bytes/byte-string.js';
import { main } from '../../src/cli.js';
import type { EndingSignal } from '../../src/errors.js';
import { MvccwError } from '../../src/errors.js';
import { DumpReader } from '../../src/inspect/dump/read-dump.js';
import { addWatchSpec } from '../../src/requests/watch-spec.js';
import { withWritableDatabase } from '../../src/storage/database.js';
import { anyBytes, fewKeys, longKeys } from '../support/arbitraries.js';
import fc from '../support/fast-check.js';
import { projectFile } from '../support/root.js';
import { importInto, runCli, Sink, stdoutOf, temporaryFolder } from '../support/run-cli.js';
import { unpackSnapshot } from '../support/snapshots.js';
import { tablesOf } from '../support/tables.js';

const LEASES = [1n, 7587862094606467073n, -3n];
const NOW_MS = 1_800_000_000_000;
const DRAWS = 4;

/** The keys that share a checksum are left out: their entries in the index depend on what was compacted. */
const keys = fc.oneof({ weight: 3, arbitrary: fewKeys }, { weight: 1, arbitrary: longKeys });

interface Write {
  readonly puts: ReadonlyMap<string, Buffer>;
  readonly lease: bigint;
  readonly deletes: string | undefined;
  /** The percentage of the window at which there is a compaction; undefined for none. */
  readonly compactAt: number | undefined;
}

const write: fc.Arbitrary<Write> = fc.record({
  puts: fc.array(fc.tuple(keys, anyBytes(40)), { minLength: 1, maxLength: 4 }).map((pairs) => new Map(pairs)),
  lease: fc.constantFrom(0n, 0n, ...LEASES),
  deletes: fc.option(keys, { nil: undefined }),
  compactAt: fc.option(fc.integer({ min: 0, max: 100 }), { nil: undefined, freq: 6 }),
});

async function fill(path: string, writes: readonly Write[]): Promise<void> {
  await withWritableDatabase(
    path,
    async ({ backend, store }) => {
      store.grantLease(LEASES[0]!, 600);
      store.grantLease(LEASES[1]!, 600, NOW_MS + 600_000);
      store.grantLease(LEASES[2]!, 9, NOW_MS + 9000);
      backend.transaction(() => {
        const { watch } = backend.tables;
        addWatchSpec(watch, { name: 'all', key: '\0', end: '', filters: ['noput'], prevKv: true, startRev: -3 });
        addWatchSpec(watch, { name: 'é', key: '\xff', filters: [], prevKv: false, fragment: true, stream: 's' });
      });
      for (const { puts, lease, deletes, compactAt } of writes) {
        store.write((txn) => {
          for (const [key, value] of puts) txn.put(key, value, lease);
          if (deletes !== undefined && !puts.has(deletes)) txn.deleteRange(deletes);
        });
        const { compactRev, currentRev } = store;
        const rev =
          Math.max(compactRev, 1) + Math.ceil(((currentRev - Math.max(compactRev, 1)) * (compactAt ?? 0)) / 100);
        if (compactAt !== undefined && rev > compactRev) store.compact(rev);
      }
      store.keepLeaseAlive(LEASES[1]!, NOW_MS + 5000);
      store.revokeLease(LEASES[2]!);
    },
    { now: () => NOW_MS },
  );
}

const validate = new Ajv({ strict: true, strictTypes: false });

async function dumpOf(t: Test, db: string): Promise<string> {
  return stdoutOf(t, ['dump', '--db', db], { encoding: 'latin1' });
}

t.test('a loaded dump is the database', async (t) => {
  const folder = temporaryFolder(t);
  const [from, to] = [join(folder, 'from'), join(folder, 'to')];
  const isDump = validate.compile(JSON.parse(await stdoutOf(t, ['schema', 'dump'])));
  await fc.assert(
    fc.asyncProperty(fc.array(write, { minLength: 1, maxLength: 20 }), async (writes) => {
      await fill(from, writes);
      const text = await dumpOf(t, from);
      for (const line of text.trimEnd().split('\n')) if (!isDump(JSON.parse(line))) t.fail(line);
      await stdoutOf(t, ['load', '--db', to], { stdin: Buffer.from(text, 'latin1') });
      t.strictSame(await tablesOf(to), await tablesOf(from));
      t.equal(
        (await dumpOf(t, to)).replace(to, from).replace(/,"sum":\d+}\n$/, ''),
        text.replace(/,"sum":\d+}\n$/, ''),
      );
      for (const path of [from, to]) rmSync(path, { recursive: true });
    }),
    { numRuns: DRAWS },
  );
});

t.test('a dump of an etcd file is what an import makes of the file', async (t) => {
  const folder = temporaryFolder(t);
  for (const name of ['live-deletes-35', 'medium-35-compacted', 'small-34']) {
    const file = unpackSnapshot(name, folder);
    const dump = join(folder, `${name}.jsonl`);
    writeFileSync(dump, await dumpOf(t, file));
    const loaded = join(folder, name);
    await stdoutOf(t, ['load', dump, '--db', loaded]);
    const imported = await importInto(t, file, folder);
    t.strictSame(await tablesOf(loaded), await tablesOf(imported), name);
    rmSync(imported, { recursive: true });
  }
});

t.test('a dump with decoded values is loaded as one without', async (t) => {
  const folder = temporaryFolder(t);
  const db = join(folder, 'db');
  const secret = '{"apiVersion":"v1","kind":"Secret","metadata":{"name":"s"},"data":{"p":"cGFzcw=="}}';
  await withWritableDatabase(db, async ({ store }) => {
    store.write((txn) => txn.put('/registry/secrets/default/s', Buffer.from(secret)));
    store.write((txn) => txn.deleteRange('/registry/secrets/default/s'));
  });
  const decode = ['dump', '--db', db, '--decode', 'auto'];
  t.match(await runCli(decode), { exitCode: 2, stdout: '', stderr: /nothing can be hidden in it/ });
  const text = await stdoutOf(t, [...decode, '--show-secrets']);
  const isDump = validate.compile(JSON.parse(await stdoutOf(t, ['schema', 'dump'])));
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  for (const line of lines) if (!isDump(line)) t.fail(JSON.stringify(line));
  t.match(lines[1], {
    value: Buffer.from(secret).toString('base64'),
    decoded: { kind: 'Secret', content: { data: { p: 'cGFzcw==' } } },
  });
  const loaded = join(folder, 'loaded');
  await stdoutOf(t, ['load', '--db', loaded], { stdin: text });
  t.strictSame(await tablesOf(loaded), await tablesOf(db));
});

t.test('a bumped revision, whose record is empty', async (t) => {
  const db = join(temporaryFolder(t), 'db');
  const lines = [
    '{"schema":1,"kind":"dump","from":"x","currentRev":1000,"compactRev":-1}',
    '{"schema":1,"kind":"record","revision":{"main":2,"sub":0},"type":"PUT","key":"YQ==","createRevision":2,"version":1,"value":"Yg=="}',
    '{"schema":1,"kind":"record","revision":{"main":1000,"sub":0},"type":"EMPTY"}',
  ];
  const end = (hash: number, sum: number) =>
    `{"schema":1,"kind":"end","records":2,"leases":0,"watchers":0,"hash":${hash},"sum":${sum}}`;
  const load = async (hash: number, sum: number) =>
    runCli(['load', '--db', db], { stdin: [...lines, end(hash, sum)].join('\n') });
  const { stderr } = await load(1, 1);
  const sum = Number(/sum of all lines is 1, and it is (\d+)/.exec(stderr)?.[1]);
  const hash = Number(/hash is 1, and it is (\d+)/.exec((await load(1, sum)).stderr)?.[1]);
  t.match(await load(hash, sum), { exitCode: 0, stderr: '' });
  t.equal(
    await dumpOf(t, db),
    `${[...lines, end(hash, sum)]
      .join('\n')
      .replace('"x"', `"${db}"`)
      .replace(String(sum), /"sum":(\d+)/.exec(await dumpOf(t, db))![1]!)}\n`,
  );
});

/** Returns what a reader of the lines throws. */
function problemIn(lines: readonly string[]): string | undefined {
  const reader = new DumpReader();
  try {
    for (const line of lines) reader.read(line as Bytes);
    reader.finish();
    return undefined;
  } catch (error) {
    if (error instanceof MvccwError && ['CORRUPT', 'FORMAT'].includes(error.code)) return error.message;
    throw error;
  }
}

t.test('a dump that was cut short or altered is refused, with the line', async (t) => {
  const folder = temporaryFolder(t);
  const db = join(folder, 'db');
  const writes = [1, 2, 3].map((i) => ({
    puts: new Map([
      ['a', Buffer.from([i])],
      [`k${i}`, Buffer.alloc(0)],
    ]),
    lease: LEASES[1]!,
  }));
  await fill(
    db,
    writes.map((one) => ({ ...one, deletes: 'k1', compactAt: undefined })),
  );
  const lines = (await dumpOf(t, db)).trimEnd().split('\n');
  t.equal(problemIn(lines), undefined);
  t.equal(problemIn(lines.map((line) => line.replaceAll(':', ' : '))), undefined, 'blanks say nothing');
  for (let i = 0; i <= lines.length - 1; i++) {
    t.ok(problemIn(lines.slice(0, i)), `the first ${i} lines`);
    t.match(problemIn(lines.filter((_, other) => other !== i)), /^line \d+: |cut short/, `all but line ${i + 1}`);
    t.match(problemIn([...lines.slice(0, i), lines[i]!, ...lines.slice(i)]), /^line \d+: /, `line ${i + 1} twice`);
    t.match(problemIn(lines.map((line, other) => (other === i ? '' : line))), /^line \d+: it is empty/);
    t.match(
      problemIn(lines.map((line, other) => (other === i ? line.replace('}', ',"more":1}') : line))),
      /^line \d+: /,
    );
    // A digit, or a letter of base64, becomes another one.
    for (const match of lines[i]!.matchAll(/\d/g)) {
      const other = String((Number(match[0]) + 1) % 10);
      const changed = lines[i]!.slice(0, match.index) + other + lines[i]!.slice(match.index + 1);
      const isHash =
        i === lines.length - 1 && match.index > changed.indexOf('"hash"') && match.index < changed.indexOf('"sum"');
      if (!isHash) t.ok(problemIn(lines.map((line, at) => (at === i ? changed : line))), changed);
    }
  }

  const target = join(folder, 'target');
  const load = (text: string) => runCli(['load', '--db', target], { stdin: Buffer.from(text, 'latin1') });
  const cut = await load(lines.slice(0, -1).join('\n'));
  t.match(cut, { exitCode: 3, stdout: '', stderr: /^Error: the dump was cut short: line \d+ is not its end/ });
  t.match(await load(lines.join('\n').replace(/"hash":\d+/, '"hash":5')), {
    exitCode: 3,
    stderr: /the dump says that hash is 5/,
  });
  t.match(await load(''), { exitCode: 3, stderr: /the dump is empty/ });
  t.notOk(existsSync(target), 'nothing is left');
  t.match(await load(lines.join('\n')), { exitCode: 0 });
  t.match(await load(lines.join('\n')), { exitCode: 2, stderr: /is not empty/ });
  t.match(await runCli(['load', folder, '--db', join(folder, 'x')]), { exitCode: 5, stderr: /it is no regular file/ });
  t.match(await runCli(['load', join(folder, 'none'), '--db', join(folder, 'x')]), { exitCode: 5 });
  t.match(await runCli(['dump', '--db', db, '-w', 'table']), { exitCode: 2 });
});

t.test('a file out of which something may be missing is dumped only if that is asked for', async (t) => {
  const db = join(temporaryFolder(t), 'x.db');
  for (const [name, option] of [
    ['cleared-elements', '--cleared-elements'],
    ['newest-meta-one-bit', '--older-meta'],
  ] as const) {
    writeFileSync(db, gunzipSync(readFileSync(projectFile(`fixtures/cases/${name}.db.gz`))));
    const refused = await runCli(['dump', '--db', db]);
    t.match(refused, { exitCode: 3, stderr: new RegExp(`what is left is dumped with ${option}`) });
    t.notMatch(refused.stdout, /"kind":"end"/, name);
    t.match(await runCli(['dump', '--db', db, option]), { exitCode: 0, stdout: /"kind":"end"/ });
  }
});

t.test('a dump that is packed with gzip', async (t) => {
  const folder = temporaryFolder(t);
  const [file, target] = [join(folder, 'x.jsonl.gz'), join(folder, 'target')];
  const text = await dumpOf(t, projectFile('fixtures/etcd-3.5.snapshot.db'));
  const packed = Buffer.concat([gzipSync(text.slice(0, 5000)), gzipSync(text.slice(5000))]);
  const damaged = Buffer.from(packed);
  damaged[100]! ^= 255;
  for (const [bytes, stderr] of [
    [packed.subarray(0, 2), /cannot be unpacked: it was cut short/],
    [packed.subarray(0, -9), /cannot be unpacked: it was cut short/],
    [damaged, /cannot be unpacked: it is damaged/],
    [gzipSync(packed), /line 1: no JSON/],
  ] as const) {
    writeFileSync(file, bytes);
    t.match(await runCli(['load', file, '--db', target]), { exitCode: 3, stdout: '', stderr });
    t.notOk(existsSync(target), 'nothing is left');
  }
  writeFileSync(file, packed);
  t.match(await runCli(['load', file, '--db', target]), { exitCode: 0, stdout: /313 records/, stderr: '' });
  t.match(await runCli(['load', '--db', join(folder, 'other')], { stdin: packed }), { exitCode: 0 });
});

t.test('a disk that fails is not blamed on a line', (t) => {
  const reader = new DumpReader();
  const failing = (code: 'IO' | 'CORRUPT') => () => {
    throw new MvccwError(code, 'it fails');
  };
  t.throws(() => reader.inLine(failing('IO')), { message: 'it fails' });
  t.throws(() => reader.inLine(failing('CORRUPT')), { message: 'line 0: it fails' });
  t.end();
});

for (const isPacked of [false, true]) {
  t.test(`a load that is interrupted while it waits leaves nothing${isPacked ? ', packed' : ''}`, async (t) => {
    const folder = temporaryFolder(t);
    const target = join(folder, 'target');
    mkdirSync(target);
    const stdin = new PassThrough();
    const lines = (await dumpOf(t, projectFile('fixtures/etcd-3.5.snapshot.db'))).split('\n');
    const begun = Buffer.from(`${lines.slice(0, 5).join('\n')}\n`);
    stdin.write(isPacked ? gzipSync(begun) : begun);
    const [stdout, stderr] = [new Sink(false, 100), new Sink(false, 100)];
    const onInterrupt = (handler: (signal: EndingSignal) => void) => {
      setTimeout(() => handler('SIGTERM'), 20);
      return () => undefined;
    };
    const status = await main(['load', '--db', target], { stdin, stdout, stderr, env: {}, now: () => 0, onInterrupt });
    t.equal(status, 143);
    t.equal(stderr.bytes().toString(), '');
    t.throws(() => readFileSync(join(target, 'data.mdb')));
  });
}
