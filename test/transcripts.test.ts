// These tests type the sessions that were recorded with etcdctl to mvccw. It must print the same to stdout, except for
// the ids that only a server has, and end with the same kind of exit status. Differences are listed with their reasons,
// and each listed difference must occur.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { DIFFERENCES_TOPIC } from '../src/output/help-topics/differences.js';
import { withWritableDatabase } from '../src/storage/database.js';
import {
  DELETE_THEN_PUT_DIFFERENCES,
  DIFFERENCES,
  type Difference,
  SENTENCES,
  SHOWN_ELSEWHERE,
} from './support/etcdctl-differences.js';
import { LiveCli } from './support/live-cli.js';
import { projectFile } from './support/root.js';
import { type Run, runCli, temporaryFolder } from './support/run-cli.js';
import { commandOf, exitClass, readTranscript, type TranscriptStep, withoutServer } from './support/transcripts.js';

const ROOT = projectFile('');
const INTERRUPTED = 130;

interface Session {
  readonly db: string;
  readonly differences: readonly Difference[];
  readonly found: Set<Difference>;
}

type Wanted = Pick<Difference, 'stdout' | 'exitCode'>;

/** Runs a step. A command that does not end by itself is interrupted when it has printed as much as is wanted. */
async function type(db: string, step: TranscriptStep, { stdout, exitCode }: Wanted): Promise<Run> {
  const [argv, env] = [step.cmd.slice(1), { MVCCW_DB: db }];
  if (exitCode !== INTERRUPTED) return runCli(argv, { stdin: step.stdin ?? '', env, nowMs: 500 });
  const running = new LiveCli(argv, { env, now: () => 500 });
  await running.waitFor(() => typeof stdout !== 'string' || running.stdout.length >= stdout.length);
  return { exitCode: await running.interrupt(), stdout: running.stdout, stderr: running.stderr };
}

function isSame(step: TranscriptStep, run: Run): boolean {
  const expected = step.stdout64 === undefined ? withoutServer(step.stdout ?? '') : undefined;
  return withoutServer(run.stdout) === expected && run.exitCode === exitClass(step);
}

async function check(t: Test, { db, differences, found }: Session, step: TranscriptStep): Promise<void> {
  const name = `${commandOf(step)}${step.stdin === undefined ? '' : ` ${JSON.stringify(step.stdin)}`}`;
  const difference = differences.find(
    ({ command, stdin }) => command === commandOf(step) && (stdin === undefined || stdin === step.stdin),
  );
  const recorded = { stdout: withoutServer(step.stdout ?? ''), exitCode: exitClass(step) };
  const run = await type(db, step, difference ?? recorded);
  if (difference === undefined) {
    t.equal(withoutServer(run.stdout), recorded.stdout, name);
    t.equal(run.exitCode, recorded.exitCode, `${name}: exit status ${step.exit} in etcdctl; ${run.stderr}`);
    return;
  }
  found.add(difference);
  t.notOk(isSame(step, run), `${name}: listed as different`);
  const { stdout, exitCode } = difference;
  if (typeof stdout === 'string') t.equal(run.stdout, stdout, name);
  else t.match(run.stdout, new RegExp(stdout.source, 'm'), name);
  t.equal(run.exitCode, exitCode, `${name}: exit status`);
}

async function replaySession(t: Test, db: string, name: string, differences: readonly Difference[]): Promise<void> {
  const session = { db, differences, found: new Set<Difference>() };
  for (const step of readTranscript(name)) {
    await check(t, session, step);
  }
  for (const difference of differences) {
    t.ok(session.found.has(difference), `${difference.command} is in the transcript`);
  }
}

t.test('etcdctl 3.5.30', async (t) => {
  await replaySession(t, join(temporaryFolder(t), 'db'), 'etcdctl-3.5.30', DIFFERENCES);
});

t.test('etcdctl 3.5.30, leases', async (t) => {
  const db = join(temporaryFolder(t), 'db');
  const lateMs = 5_000_000;
  await withWritableDatabase(
    db,
    async ({ store }) => {
      store.grantLease(0x1000n, 5000, lateMs);
      store.grantLease(0x2000n, 5000, lateMs);
    },
    { now: () => 0 },
  );
  await replaySession(t, db, 'etcdctl-3.5.30-leases', []);
});

t.test('etcdctl 3.5.30, a transaction that puts what it deletes', async (t) => {
  const db = join(temporaryFolder(t), 'db');
  const session = { db, differences: DELETE_THEN_PUT_DIFFERENCES, found: new Set<Difference>() };
  for (const step of readTranscript('txn-delete-then-put-3.5.30')) {
    await check(t, session, step);
    // The steps after the transaction only show its effect in etcd.
    if (step.cmd[1] === 'txn') break;
  }
  t.equal(session.found.size, 1);
  t.match(await runCli(['get', '', '--prefix', '--keys-only'], { env: { MVCCW_DB: db } }), { stdout: 'a\n\nb\n\n' });
});

const NEWER_THAN_34 = [
  'get key --prefix --count-only',
  'get key --prefix --count-only -w fields',
  'get key --prefix --count-only -w json',
  'watch foo --progress-notify -w json',
];
/** The commands whose usage text is shorter in 3.4. */
const USAGE_DIFFERS = ['get foo --rev=abc', 'watch foo --rev=1 --filter put', 'get foo --nosuchflag'];
/** The commands whose JSON has other names in 3.4: "ResponsePut" was the name of "response_put". */
const NAMED_OTHERWISE = ['txn -w json'];
const SERVERS_OWN = /^(endpoint|member|version)/;

t.test('etcdctl 3.4.23 answers the same, but for what 3.5 has changed', async (t) => {
  const different: string[] = [];
  for (const name of ['etcdctl-3.5.30', 'etcdctl-3.5.30-leases']) {
    const older = readTranscript(name.replace('3.5.30', '3.4.23'));
    for (const [i, step] of readTranscript(name).entries()) {
      t.equal(commandOf(older[i]!), commandOf(step));
      const same = [step, older[i]!].map((one) => `${exitClass(one)} ${withoutServer(one.stdout ?? '')}`);
      if (same[0] !== same[1] && !SERVERS_OWN.test(commandOf(step))) different.push(commandOf(step));
    }
  }
  t.strictSame(different.sort(), [...NEWER_THAN_34, ...USAGE_DIFFERS, ...NAMED_OTHERWISE].sort());
});

t.test('the help topic lists the differences, and something shows each', async (t) => {
  const [list = ''] = DIFFERENCES_TOPIC.slice(DIFFERENCES_TOPIC.indexOf('\n- ') + 3).split('\n\n');
  const listed = list.split('\n- ');
  const oneLine = (text: string) => text.replace(/\s+/g, ' ');
  t.strictSame(listed.map(oneLine), Object.values(SENTENCES));

  const shown = new Set<string>([...DIFFERENCES, ...DELETE_THEN_PUT_DIFFERENCES].map(({ says }) => says));
  for (const [sentence, [file, title]] of Object.entries(SHOWN_ELSEWHERE)) {
    shown.add(sentence);
    t.match(readFileSync(join(ROOT, 'test', 'commands', file), 'utf8'), `t.test('${title}'`, sentence);
  }
  t.strictSame([...shown].sort(), Object.keys(SENTENCES).sort());
});

function isDifferent(step: TranscriptStep): boolean {
  return DIFFERENCES.some(({ command }) => command === commandOf(step));
}

t.test('the program itself gives the same', async (t) => {
  const db = join(temporaryFolder(t), 'db');
  for (const step of readTranscript('etcdctl-3.5.30').slice(0, 26)) {
    const run = spawnSync(process.execPath, [join(ROOT, 'bin', 'mvccw.js'), ...step.cmd.slice(1)], {
      encoding: 'utf8',
      input: step.stdin ?? '',
      env: { PATH: process.env.PATH, MVCCW_DB: db },
    });
    if (isDifferent(step)) continue;
    t.equal(run.stdout, withoutServer(step.stdout ?? ''), commandOf(step));
    t.equal(run.status, exitClass(step), commandOf(step));
  }
});
