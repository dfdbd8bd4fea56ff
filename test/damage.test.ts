// These tests run whole commands on damaged files: each ends in the right answer, or in exit code 3 with a message that
// names the place.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { BoltFile } from '../src/bbolt/bolt-file.js';
import type { Bucket } from '../src/bbolt/bucket.js';
import { draws, random, SEED } from './support/random.js';
import { headerOffsets } from './support/record-header.js';
import { runCli } from './support/run-cli.js';
import { snapshotBytes } from './support/snapshots.js';
import { startWatchdog } from './support/watchdog.js';

const SNAPSHOTS = ['fresh-35', 'nocompact-35', 'small-34', 'small-35'];
const DIGEST_BYTES = 32;
/** The offset of the value size of a leaf page's first element; each next element is ELEMENT_BYTES further. */
const VALUE_SIZE_AT = 28;
const ELEMENT_BYTES = 16;
const TRUNCATIONS = draws(15, 30);
const FLIPS_WITH_DIGEST = draws(50, 250);
const FLIPS_WITHOUT_DIGEST = draws(90, 450);
/** The import runs in one case of this many, because it waits for the disk. */
const IMPORT_EVERY = 25;

const folder = mkdtempSync(join(tmpdir(), 'mvccw-damage-'));
t.teardown(() => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, 'db');
const target = join(folder, 'imported');

const READERS: Readonly<Record<string, readonly string[]>> = {
  replay: ['--db', file, 'replay', '-w', 'json'],
  'replay with previous records': ['--db', file, 'replay', '-w', 'json', '--watch', 'key=/,fromKey,prevKv'],
  hash: ['--db', file, 'hash', '-w', 'json'],
  status: ['--db', file, 'status', '-w', 'json'],
  tree: ['--db', file, 'tree', '-w', 'json'],
};
const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  ...READERS,
  import: ['import', file, '--db', target, '-w', 'json'],
};

interface Outcome {
  readonly exitCode: number;
  readonly answer: string;
  /** True if status names damage beside the records, for which it ends with 1. */
  readonly toldOfDamage: boolean;
  readonly stderr: string;
}

/** The fields that describe the file and its damage, as a meta page not in use, and so are no part of the answer. */
const ABOUT_THE_FILE =
  /"(txid|sizeBytes|digest|kind)":("[^"]*"|\d+),?|"(metaProblems|problems)":\[.*?\],?|"freePages":\d+,?|"freelistStored":(true|false),?/g;
const PROBLEMS = /"problems":\["/;
/** What status says of the cluster, which is not all there where damage is told. */
const ABOUT_THE_CLUSTER =
  'consistentIndex term storageVersion members removedMembers alarms auth buckets problems'.split(' ');
/** The hint for a count that became smaller, which looks as if a tool had removed elements; etcd reads it so too. */
const CLEARED = /^Hint: pages? [\d, ]+: elements have been taken off/m;

async function outcomeOf(command: string): Promise<Outcome> {
  const { exitCode, stdout, stderr } = await runCli(COMMANDS[command]!);
  const toldOfDamage = PROBLEMS.test(stdout);
  if (command !== 'import') return { exitCode, answer: stdout.replaceAll(ABOUT_THE_FILE, ''), toldOfDamage, stderr };
  const readBack = exitCode === 0 ? await readImported(stderr) : { exitCode, answer: '', stderr };
  rmSync(target, { recursive: true, force: true });
  return { ...readBack, answer: (stdout + readBack.answer).replaceAll(ABOUT_THE_FILE, ''), toldOfDamage };
}

function withoutCluster(line: string): string {
  // The fields that are no part of the answer have left a comma behind.
  const fields = JSON.parse(line.replace(/,}$/m, '}'));
  for (const name of ABOUT_THE_CLUSTER) delete fields[name];
  return `${JSON.stringify(fields)}\n`;
}

const READ_BACK = [['replay'], ['get', '', '--prefix'], ['hash'], ['status'], ['tree']];
/** The exit code of an import that was accepted although not every command can read what it has made. */
const UNREADABLE = 99;

/** Reads back what was imported; `imported` is what the import wrote on stderr. */
async function readImported(imported: string): Promise<Pick<Outcome, 'exitCode' | 'answer' | 'stderr'>> {
  let answer = '';
  for (const command of READ_BACK) {
    const { exitCode, stdout, stderr } = await runCli(['--db', target, ...command, '-w', 'json']);
    if (exitCode !== 0) return { exitCode: UNREADABLE, answer, stderr: `${command.join(' ')} ${exitCode}: ${stderr}` };
    answer += stdout;
  }
  return { exitCode: 0, answer, stderr: imported };
}

async function rightAnswers(bytes: Buffer): Promise<Map<string, string>> {
  writeFileSync(file, bytes);
  const answers = new Map<string, string>();
  for (const command of Object.keys(COMMANDS)) {
    const { exitCode, answer, stderr } = await outcomeOf(command);
    t.equal(exitCode, 0, `${command} of the undamaged file: ${stderr}`);
    answers.set(command, answer);
  }
  return answers;
}

/** A place is a page, a meta, a byte, a record, a bucket, a digest, or the file as a whole. */
const PLACE =
  /page \d+|meta \d|byte \d+|revision \d+_\d+|revision \d+, key |revision key|in key \w+|meta record|lease \w{16}|bucket ['"]|SHA-256|not a bbolt file/;

/** Returns what is wrong with an outcome; undefined if it is as it has to be. */
function problemOf(
  { exitCode, answer, toldOfDamage, stderr }: Outcome,
  right: string,
  mayDiffer: boolean,
): string | undefined {
  if (/\n +at /.test(stderr)) return `a stack trace: ${stderr}`;
  if (exitCode === 3) return /^Error: /m.test(stderr) && PLACE.test(stderr) ? undefined : `no place: ${stderr}`;
  if (CLEARED.test(stderr)) return undefined;
  if (exitCode !== 0 && !(exitCode === 1 && toldOfDamage)) return `exit code ${exitCode}: ${stderr}`;
  if (answer === right || (toldOfDamage && withoutCluster(answer) === withoutCluster(right))) return undefined;
  return mayDiffer ? malformed(answer) : `a wrong answer:\n${firstDifference(answer, right)}`;
}

function malformed(answer: string): string | undefined {
  const lines = answer.split('\n').filter((line) => line !== '');
  return lines.every((line) => /^[[{].*[\]}]$/.test(line)) ? undefined : `not JSON: ${answer}`;
}

function firstDifference(found: string, wanted: string): string {
  let at = 0;
  while (found[at] === wanted[at]) at++;
  const around = (text: string) => text.slice(Math.max(0, at - 150), at + 80);
  return `found  ${around(found)}\nwanted ${around(wanted)}`;
}

/**
 * Marks the bytes that nothing else in the file confirms: keys, values and the leases of keys, what leases hold, how far
 * compaction has come, which of the compacted revisions are left and all that their records hold, that one of them is
 * not empty if it is the last of its page, that there are leases, the version of etcd, and all that is said of the cluster.
 */
function contentBytes(bytes: Buffer): Uint8Array {
  const marked = new Uint8Array(bytes.length);
  const bolt = new BoltFile({
    sizeBytes: bytes.length,
    read: (offset, length) => bytes.subarray(offset, offset + length),
  });
  const mark = (bucket: Bucket, whole: (key: string) => boolean, header = (_value: Buffer): number[] => []) => {
    for (const page of bucket.leaves()) {
      for (let i = 0; i < page.count; i++) {
        const keyAndValue = whole(page.key(i).toString('latin1'));
        const value = page.place.offset + page.valueStart(i);
        marked.fill(1, keyAndValue ? value - page.key(i).length : value, value + page.value(i).length);
        if (!keyAndValue) for (const offset of header(page.value(i))) marked[value + offset] = 0;
        // Without this one bit, the last record is empty, as the record of a bumped revision is.
        const bits = Math.log2(page.value(i).length);
        if (keyAndValue && i === page.count - 1 && Number.isInteger(bits)) {
          marked[page.place.offset + VALUE_SIZE_AT + ELEMENT_BYTES * i + Math.floor(bits / 8)] = 1;
        }
      }
    }
  };
  const compacted = bolt.bucket('meta')!.get(Buffer.from('finishedCompactRev'))?.toString('latin1', 0, 8) ?? '';
  mark(bolt.bucket('key')!, (key) => key.slice(0, 8) <= compacted, headerOffsets);
  mark(bolt.bucket('lease')!, () => false);
  mark(bolt.bucket('cluster')!, () => true);
  mark(bolt.bucket('meta')!, (key) => !key.startsWith('conf'));
  const ofCluster = ['alarm', 'auth', 'authRoles', 'authUsers', 'members', 'members_removed'];
  for (const name of ofCluster) mark(bolt.bucket(name)!, () => true);
  for (const name of ['lease', 'cluster', ...ofCluster]) {
    const at = bytes.indexOf(name, bolt.meta.root * bolt.meta.pageSize);
    marked.fill(1, at, at + name.length);
  }
  return marked;
}

function flipped(bytes: Buffer, offset: number, mask: number): Buffer {
  const damaged = Buffer.from(bytes);
  damaged[offset]! ^= mask;
  return damaged;
}

const watchdog = startWatchdog(t, 20_000);

const OUTPUT_PIECE_BYTES = 64 * 1024;
/** The largest buffer that a command has asked for. */
let largestBytes = 0;
const { allocUnsafeSlow } = Buffer;
Buffer.allocUnsafeSlow = (sizeBytes) => {
  largestBytes = Math.max(largestBytes, sizeBytes);
  return allocUnsafeSlow(sizeBytes);
};
t.teardown(() => {
  Buffer.allocUnsafeSlow = allocUnsafeSlow;
});

/** Runs commands on damaged bytes, and notes what is wrong. */
class Cases {
  private count = 0;
  private readonly failures: string[] = [];

  constructor(
    private readonly name: string,
    private readonly right: ReadonlyMap<string, string>,
  ) {}

  async run(bytes: Buffer, damage: string, commands: readonly string[], mayDiffer = false): Promise<void> {
    // The file is created anew, because some file systems wait for the disk when an old one is overwritten.
    rmSync(file, { force: true });
    writeFileSync(file, bytes);
    for (const command of commands) {
      const what = `${command}, ${damage}`;
      watchdog.beat(`${this.name}: ${what}`);
      largestBytes = 0;
      const problem = problemOf(await outcomeOf(command), this.right.get(command)!, mayDiffer);
      this.count++;
      if (problem !== undefined) this.failures.push(`${what}: ${problem}`);
      if (largestBytes > 2 * bytes.length + OUTPUT_PIECE_BYTES)
        this.failures.push(`${what}: asks for ${largestBytes} bytes at once`);
    }
  }

  /** Makes one assertion for all commands, so that the output does not have thousands of lines. */
  report(t: Test): void {
    const found = `${this.count} commands, ${this.failures.length} wrong`;
    t.same(this.failures.slice(0, 5), [], found);
  }
}

/** The memory that thousands of commands on files of 100 KiB may leave behind until it is collected. */
const MAX_GROWTH_BYTES = 256 * 1024 * 1024;
const peakBytes = () => process.resourceUsage().maxRSS * 1024;
const peakBytesBefore = peakBytes();

for (const [number, name] of SNAPSHOTS.entries()) {
  const snapshot = snapshotBytes(name);
  const next = random(SEED + number);
  const readers = Object.keys(READERS);

  t.test(`${name}, cut short`, async (t) => {
    const cases = new Cases(name, await rightAnswers(snapshot));
    const lengths = [0, 1, 79, 80, 4096, 8192, snapshot.length - DIGEST_BYTES, snapshot.length - 1];
    // A file cut at these lengths has last bytes that pass for a digest.
    for (let i = 0; i < 5; i++) lengths.push(512 * next(snapshot.length / 512) + DIGEST_BYTES);
    while (lengths.length < TRUNCATIONS) lengths.push(next(snapshot.length));
    for (const length of lengths) {
      await cases.run(snapshot.subarray(0, length), `cut to ${length} bytes`, Object.keys(COMMANDS));
    }
    cases.report(t);
  });

  async function flip(t: Test, bytes: Buffer, flips: number, mayDiffer: (offset: number) => boolean): Promise<void> {
    const cases = new Cases(name, await rightAnswers(bytes));
    for (let i = 0; i < flips; i++) {
      const offset = next(bytes.length);
      const mask = 1 << next(8);
      const commands = i % IMPORT_EVERY === 0 ? [...readers, 'import'] : [readers[i % readers.length]!];
      const damage = `byte ${offset} ^ 0x${mask.toString(16)}`;
      await cases.run(flipped(bytes, offset, mask), damage, commands, mayDiffer(offset));
    }
    cases.report(t);
  }

  t.test(`${name}, a bit flipped, with a digest`, async (t) => {
    await flip(t, snapshot, FLIPS_WITH_DIGEST, () => false);
  });

  t.test(`${name}, a bit flipped, without a digest`, async (t) => {
    const bytes = snapshot.subarray(0, -DIGEST_BYTES);
    const content = contentBytes(bytes);
    await flip(t, bytes, FLIPS_WITHOUT_DIGEST, (offset) => content[offset] === 1);
  });
}

t.test('memory', async (t) => {
  const grownBytes = peakBytes() - peakBytesBefore;
  t.ok(grownBytes < MAX_GROWTH_BYTES, `grew by ${grownBytes} bytes`);
});
