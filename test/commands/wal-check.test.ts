import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import t from 'tap';
import { unpackDataDirectory } from '../support/data-directories.js';
import { type Run, runCli, stdoutOf, temporaryFolder } from '../support/run-cli.js';
import { takeApart } from '../support/write-log.js';

const ONLY_SEGMENT = '0000000000000000-0000000000000000.wal';

interface Line {
  readonly kind: string;
  readonly [field: string]: unknown;
}

const validate = runCli(['schema', 'inspect']).then(({ stdout }) =>
  new Ajv({ strict: true, strictTypes: false }).compile(JSON.parse(stdout)),
);

async function linesOf({ stdout }: Run): Promise<Line[]> {
  const isLine = await validate;
  const lines = stdout.trimEnd().split('\n');
  return lines.map((line) => {
    const parsed: unknown = JSON.parse(line);
    if (!isLine(parsed)) throw new Error(`${line}: ${JSON.stringify(isLine.errors)}`);
    return parsed as Line;
  });
}

/** Writes a data directory of which the zeros behind the log are few. */
function unpack(set: string, member: string, into: string): string {
  return unpackDataDirectory(set, member, into, true);
}

const check = (db: string, ...more: string[]) => runCli(['wal', 'check', '--db', db, '-w', 'json', ...more]);

const folder = temporaryFolder(t);
const divergedM1 = unpack('diverged-35', 'm1', folder);
const divergedM2 = unpack('diverged-35', 'm2', folder);

t.test('each member that has come to differ holds what it has made of its own log', async (t) => {
  const run = await check(divergedM1);
  t.equal(run.exitCode, 0);
  const lines = await linesOf(run);
  t.match(lines.at(-1), { kind: 'wal-check', sound: true, findings: 0, damages: 0, compared: 'all' });
  t.match(lines, [
    { about: 'log' },
    { about: 'overwritten', from: 826, to: 838 },
    { about: 'database', to: 1367 },
    { about: 'applied', from: 1, to: 1367 },
    { about: 'doubt', entry: { index: 1292, request: 'txn', memberName: 'm1' } },
  ]);
});

t.test('the entry at which two members part is told, with who had asked for it', async (t) => {
  const run = await check(divergedM1, '--against', divergedM2);
  t.equal(run.exitCode, 1);
  const lines = await linesOf(run);
  t.match(
    lines.filter(({ kind }) => kind === 'wal-finding'),
    [
      {
        finding: 'parting',
        index: 1292,
        problem: /made revision 931 of it$/,
        entry: { request: 'txn', memberName: 'm1' },
      },
    ],
  );
  const simple = await runCli(['wal', 'check', '--db', divergedM1, '--against', divergedM2]);
  t.match(simple.stdout, /^parting +entry 1292: .*\n +index 1292 of term 6: txn through m1, up since/m);
  const stranger = await check(divergedM1, '--against', unpack('mixed-35', 'm1', folder));
  t.match(stranger, {
    exitCode: 2,
    stderr: /is of cluster [0-9a-f]+, and \S+ of cluster [0-9a-f]+\nHint: --against is/,
  });
});

t.test('the indexes that a snapshot stands for are told, and what is before is compared', async (t) => {
  const run = await check(unpack('behind-35', 'm3', folder));
  t.equal(run.exitCode, 0);
  const lines = await linesOf(run);
  t.match(
    lines.find(({ about }) => about === 'jump'),
    { from: 233, to: 5969 },
  );
  t.match(lines.at(-1), { sound: true, compared: 'part' });
});

t.test('a log that lacks what its database has applied is damaged, wherever it was cut', async (t) => {
  const directory = unpack('cluster-35', 'm1', temporaryFolder(t));
  const path = join(directory, 'member/wal', ONLY_SEGMENT);
  const records = takeApart([{ name: ONLY_SEGMENT, bytes: readFileSync(path) }]);
  const last = records.at(-1)!;
  t.equal(last.type, 3, 'the last record is of a state, without which nothing is missing');
  truncateSync(path, last.start + 9);
  const torn = await check(directory);
  t.equal(torn.exitCode, 0);
  t.match(
    (await linesOf(torn)).filter(({ about }) => about === 'torn'),
    [{ text: /the file ends/ }],
  );
  for (const size of [records.at(-30)!.end, records[40]!.start + 1]) {
    truncateSync(path, size);
    const run = await check(directory);
    const findings = (await linesOf(run)).filter(({ kind }) => kind === 'wal-finding');
    t.equal(run.exitCode, 3, `cut to ${size} bytes`);
    t.match(findings, [{ finding: 'end', problem: /the log ends with \d+$/ }]);
    const listing = await runCli(['wal', '--db', directory]);
    t.match(listing, { exitCode: 3, stderr: /^Hint: the log ends with entry \d+, before entry 400, which/m });
  }
  rmSync(path);
  t.match(await runCli(['wal', 'check', '--db', directory]), { exitCode: 3, stderr: /holds no write-ahead log/ });
});

t.test('a flipped bit is told with its segment and byte', async (t) => {
  const directory = unpack('cluster-35', 'm2', temporaryFolder(t));
  const path = join(directory, 'member/wal', ONLY_SEGMENT);
  const bytes = readFileSync(path);
  const { start } = takeApart([{ name: ONLY_SEGMENT, bytes }])[300]!;
  bytes[start + 30]! ^= 4;
  writeFileSync(path, bytes);
  const run = await check(directory);
  t.equal(run.exitCode, 3);
  const findings = (await linesOf(run)).filter(({ kind }) => kind === 'wal-finding');
  t.match(findings, [{ finding: 'damage', segment: ONLY_SEGMENT, offset: start, problem: /checksum/ }]);
});

t.test('the help has examples, and options of the listing are refused', async (t) => {
  t.match(await stdoutOf(t, ['wal', 'check', '--help']), /--against copy\/m2/);
  t.match(await runCli(['wal', 'check', '--db', divergedM1, '--from', '3']), {
    exitCode: 2,
    stderr: /`--from` is for/,
  });
});
