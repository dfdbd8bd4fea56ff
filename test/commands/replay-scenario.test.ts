// These tests run scenarios, releases and known cases through whole commands.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import t from 'tap';
import { KNOWN_CASES } from '../../src/replay/releases/known-cases.js';
import { projectFile } from '../support/root.js';
import { runCli, slowClock, stdoutOf } from '../support/run-cli.js';

const SLOW = KNOWN_CASES[0]!.scenario;

t.test('each known case breaks a guarantee in the releases that have it, and in no other', async (t) => {
  const table: [name: string, broken: string[], holds: string[]][] = [
    ['17529', ['3.4.30', '3.5.12'], ['3.4.31', '3.5.13', '3.6.0', '3.7.1']],
    ['15271', ['3.4.24', '3.5.7'], ['3.4.25', '3.5.8', '3.6.0', '3.7.1']],
    ['20221', ['3.4.37', '3.5.21', '3.6.1'], ['3.4.38', '3.5.22', '3.6.2', '3.7.1']],
    ['18089', ['3.4.33', '3.5.15'], ['3.4.34', '3.5.16', '3.6.0', '3.7.1']],
    // The last two releases are affected through issue 18089, as the case's story says.
    ['19179', ['3.4.35', '3.5.17', '3.4.33', '3.5.15'], ['3.4.36', '3.5.18', '3.6.0', '3.7.1']],
    ['17780', ['3.4.31', '3.5.13'], ['3.4.32', '3.5.14', '3.6.0', '3.7.1']],
    ['10681', [], ['3.4.0', '3.7.1']],
    ['15220', ['3.4.0', '3.4.24', '3.5.0', '3.5.7'], ['3.4.25', '3.5.8', '3.6.0', '3.7.1']],
    // This issue breaks no guarantee; its effect shows when releases are compared.
    ['17507', [], ['3.4.30', '3.5.12', '3.4.31', '3.5.13', '3.6.0']],
    ['22294', ['3.4.0', '3.7.1', '3.8.0'], []],
    ['starved-on-one-stream', [], ['3.4.10', '3.7.1']],
  ];
  const names = KNOWN_CASES.map(({ name, issue }) => String(issue ?? name));
  t.same(table.map(([name]) => name).sort(), names.sort(), 'all are here');
  for (const [name, broken, holds] of table) {
    for (const release of [...broken, ...holds]) {
      const { exitCode, stderr } = await runCli(['case', name, '--as-etcd', release]);
      t.equal(exitCode, broken.includes(release) ? 1 : 0, `${name} in ${release}`);
      t.equal(/^Broken guarantee: watcher /m.test(stderr), broken.includes(release));
    }
  }
});

t.test('releases before and after a repair differ in just the affected events', async (t) => {
  const revisions = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
  const table: [issue: number, releases: string, onlyFirst: number[], onlySecond: number[]][] = [
    // The events after the gap are missing too, as a cancelled watcher does not get them.
    [17529, '3.5.12,3.5.13', revisions(111, 301), []],
    // The first release sends these events a second time.
    [15271, '3.5.7,3.5.8', revisions(2, 7), []],
    [20221, '3.5.21,3.5.22', revisions(5, 14), []],
    [18089, '3.5.15,3.5.16', [], [4]],
    [19179, '3.5.17,3.5.18', [], [4]],
    [17780, '3.5.13,3.5.14', [], [4, 5]],
  ];
  for (const [issue, releases, onlyFirst, onlySecond] of table) {
    const path = join(t.testdir(), 'case.yaml');
    writeFileSync(path, (await runCli(['case', String(issue), '--scenario'])).stdout);
    const { stdout, exitCode } = await runCli(['replay', path, '--compare', releases, '-w', 'json']);
    t.equal(exitCode, 1);
    const difference = JSON.parse(stdout);
    const revisionsOf = (events: { revision: number }[]) => events.map(({ revision }) => revision);
    t.same(
      [revisionsOf(difference.onlyFirst), revisionsOf(difference.onlySecond)],
      [onlyFirst, onlySecond],
      `issue ${issue}: ${releases}`,
    );
  }
});

t.test('releases differ in how they answer progress requests', async (t) => {
  const path = projectFile('fixtures/cases');
  const promised = Array.from({ length: 9 }, (_, i) => i + 2);
  const table: [file: string, releases: string, onlyFirst: string[], onlySecond: string[]][] = [
    // Issue 15220: the answer comes ahead of the events when the watcher is not synced.
    [
      'progress-at-once',
      '3.5.7,3.5.13',
      ['PROGRESS 10', ...promised.map((revision) => `PUT ${revision} late`)],
      promised.map((revision) => `PUT ${revision}`),
    ],
    ['progress-at-once', '3.4.0,3.5.7', [], []],
    // The request that is kept is answered after the events of the pass that has synced the watcher.
    ['progress-at-once', '3.5.8,3.5.13', ['PROGRESS 10'], []],
    // Issue 17507: one request is kept, and the next one forgotten.
    ['progress-swallowed', '3.5.12,3.5.13', [], ['PROGRESS 2']],
    ['progress-swallowed', '3.4.25,3.4.31', [], ['PROGRESS 2']],
    ['progress-swallowed', '3.5.8,3.4.30', [], []],
    ['progress-deferred', '3.5.12,3.5.13', ['PROGRESS 3'], []],
    ['progress-deferred', '3.4.31,3.6.0', [], []],
  ];
  for (const [file, releases, onlyFirst, onlySecond] of table) {
    const args = ['replay', join(path, `${file}.yaml`), '--compare', releases];
    const { stdout, exitCode } = await runCli([...args, '-w', 'json']);
    const differs = onlyFirst.length + onlySecond.length > 0;
    t.equal(exitCode, differs ? 1 : 0, `${file} ${releases}`);
    const difference = differs ? JSON.parse(stdout) : { onlyFirst: [], onlySecond: [] };
    const inShort = ({ type, revision, late }: { type: string; revision: number; late?: true }) =>
      `${type} ${revision}${late ? ' late' : ''}`;
    t.same([difference.onlyFirst.map(inShort), difference.onlySecond.map(inShort)], [onlyFirst, onlySecond], file);
  }
  const said = await runCli(['replay', join(path, 'progress-at-once.yaml'), '--compare', '3.5.7,3.5.13']);
  t.match(said.stdout, /^- PROGRESS 10\n- PUT {4}2\.\.10 {2}\/a {2}\(9 events, behind progress that counts it\)$/m);
});

t.test('progress ahead of its events breaks bookmarkable', async (t) => {
  const path = projectFile('fixtures/cases/progress-at-once.yaml');
  for (const release of ['3.4.0', '3.4.24', '3.5.0', '3.5.7']) {
    const { stdout, stderr, exitCode } = await runCli(['replay', path, '--as-etcd', release]);
    t.equal(exitCode, 1, release);
    t.match(stdout, /^0\.020s {2}\* on w {2}progress {2}the store at 10\n0\.100s {2}w {2}sync {2}9 events /);
    t.match(stderr, /^Broken guarantee: watcher w, revision 2, key \/a: broke bookmarkable /);
  }
  const later = await runCli(['replay', path, '--as-etcd', '3.5.13']);
  t.match(later, { exitCode: 0, stderr: '' });
  t.notMatch(later.stdout, 'progress');
});

t.test('hundreds of watchers on one stream: the last ones starve', async (t) => {
  const { stdout } = await runCli(['case', 'starved-on-one-stream', '-w', 'json']);
  const lags = new Map<string, number>();
  for (const line of stdout.trimEnd().split('\n')) {
    const { kind, watcher, maxDelayUs, events } = JSON.parse(line);
    if (kind !== 'watcher') continue;
    t.equal(events, 150, watcher);
    lags.set(watcher, maxDelayUs / 1e6);
  }
  t.equal(lags.size, 200);
  t.ok(lags.get('w0')! < 2, `${lags.get('w0')} s`);
  t.ok(lags.get('w199')! > 120, `${lags.get('w199')} s`);
});

t.test('a case by its name, its number, or as a scenario', async (t) => {
  const byName = await runCli(['case', 'compacted-while-full']);
  const byNumber = await runCli(['case', '#17529']);
  t.equal(byName.stdout, byNumber.stdout);
  t.match(byName.stdout, /^A slow watcher silently loses events .*\(etcd issue 17529\)\n/);
  t.match((await runCli(['case', '17529', '--scenario'])).stdout, /^history:\n/);
  t.match((await runCli(['case', 'list'])).stdout, /^compacted-while-full +#17529/);
  t.equal(JSON.parse((await runCli(['case', 'list', '-w', 'json'])).stdout).length, KNOWN_CASES.length);
  const unknown = await runCli(['case', '4711']);
  t.equal(unknown.exitCode, 2);
  t.match(unknown.stderr, /there is no case "4711"\nHint: .*case list/);
});

t.test('the scenario of a case shows what the case shows', async (t) => {
  // The scenario once lacked its release, and so showed nothing.
  const path = join(t.testdir(), 'case.yaml');
  for (const [args, release, exitCode] of [
    [[], '3.5.12', 1],
    [['--as-etcd', '3.5.13'], '3.5.13', 0],
  ] as const) {
    const yaml = (await runCli(['case', '17529', '--scenario', ...args])).stdout;
    t.ok(yaml.endsWith(`\netcd: ${release}\n`), yaml);
    const json = (await runCli(['case', '17529', '--scenario', ...args, '-w', 'json'])).stdout;
    t.equal(JSON.parse(json).etcd, release);
    for (const text of [yaml, json]) {
      writeFileSync(path, text);
      t.equal((await runCli(['replay', path, '--summary'])).exitCode, exitCode);
    }
  }
  t.match(await runCli(['case', '17529', '--scenario', '-w', 'table']), { exitCode: 2, stdout: '' });
  t.match(await runCli(['case', '17529', '--scenario', '--trace']), { exitCode: 2, stdout: '' });
});

t.test('a scenario file', async (t) => {
  const path = join(t.testdir(), 'slow.yaml');
  writeFileSync(path, SLOW);

  t.test('runs the same twice', async (t) => {
    const first = await runCli(['replay', path, '--trace', '-w', 'json']);
    const second = await runCli(['replay', path, '--trace', '-w', 'json']);
    t.equal(first.exitCode, 0);
    t.equal(first.stdout, second.stdout);
    const kinds = new Set(
      first.stdout
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { kind: string }).kind),
    );
    t.same([...kinds].sort(), [
      'action',
      'answer',
      'commit',
      'end',
      'group',
      'pass',
      'replay',
      'request',
      'response',
      'watcher',
    ]);
  });

  t.test('as a release with a defect', async (t) => {
    const { exitCode, stderr } = await runCli(['replay', path, '--as-etcd', '3.5.12']);
    t.equal(exitCode, 1);
    t.match(stderr, /^Broken guarantee: watcher slow, revision 6, key \/a: broke reliable/);
    const unchecked = await runCli(['replay', path, '--as-etcd', '3.5.12', '--check', 'off']);
    t.equal(unchecked.exitCode, 0);
    t.equal(unchecked.stderr, '');
  });

  t.test('a newer release counts as the newest known, an older one is refused', async (t) => {
    const newer = await runCli(['replay', path, '--as-etcd', '3.9.0', '-w', 'json']);
    t.equal(newer.exitCode, 0);
    t.match(newer.stderr, /^Hint: etcd 3\.9\.0 is newer/);
    const newest = (await runCli(['replay', path, '-w', 'json'])).stdout;
    t.equal(newer.stdout, newest.replaceAll('"etcd":"3.7.1"', '"etcd":"3.9.0"'));
    t.equal((await runCli(['replay', path, '--as-etcd', '3.3.0'])).exitCode, 2);
  });

  t.test('why an event came late, or never', async (t) => {
    const late = await runCli(['replay', path, '--explain', '/a@5', '--watcher', 'slow']);
    t.equal(
      late.stdout,
      `/a at revision 5, for slow, as etcd 3.7.1:
  The PUT was committed at 0.040s.
  The watcher had been synced since 0.000s: nothing up to revision 1 is for it.
  At 0.040s it was victim: its stream had no room for what goes up to revision 5.
  At 1.010s it was unsynced: its response found room, but revisions 6 to 102 were written meanwhile.
  It was delivered at 3.010s via victim, in batch 4, as event 1 of 1, 2.970s after it was there; the response had waited 2.000s in its stream.
`,
    );
    const lost = await runCli(['replay', path, '--as-etcd', '3.5.12', '--explain', '/a@40']);
    t.match(lost.stdout, /It was never delivered: in this release .*\(etcd issue 17529\)\.\n$/);
    const cancelled = await runCli(['replay', path, '--explain', '/a@40']);
    t.match(cancelled.stdout, /It was never delivered: the watcher was cancelled at 4\.010s/);
    const above = await runCli(['replay', path, '--explain', '/a@999']);
    t.match(above.stdout, /: what is replayed of it ends at revision 301\.\n$/);
    t.equal(above.exitCode, 4, 'a wrong name fails a script');
    const stdout = /The history has no such event\.\n$/;
    t.match(await runCli(['replay', path, '--explain', '/b@5']), { exitCode: 4, stdout });
    t.match(await runCli(['replay', path, '--explain', '/b@5', '-w', 'json']), { exitCode: 4, stdout: /noSuchEvent/ });
    t.equal((await runCli(['replay', path, '--explain', '/a@5', '--watcher', 'nobody'])).exitCode, 4);
    t.equal((await runCli(['replay', path, '--explain', '/a'])).exitCode, 2);
  });

  t.test('two releases side by side', async (t) => {
    const same = await runCli(['replay', path, '--compare', '3.5.13,3.7.1']);
    t.equal(same.exitCode, 0);
    t.equal(same.stdout, '');
    const differs = await runCli(['replay', path, '--compare', '3.5.12,3.5.13']);
    t.equal(differs.exitCode, 1);
    t.match(
      differs.stdout,
      /^--- etcd 3\.5\.12\n\+\+\+ etcd 3\.5\.13\n@@ slow @@\n- PUT {4}111\.\.301 {2}\/a {2}\(191 events\)\n/,
    );
    t.match(differs.stdout, /- ends synced\n\+ ends compacted at 88\n$/);
  });

  t.test('an error names the file', async (t) => {
    const bad = join(t.testdir(), 'bad.yaml');
    writeFileSync(bad, 'histroy: {}\n');
    const { exitCode, stderr } = await runCli(['replay', bad]);
    t.equal(exitCode, 2);
    t.match(stderr, /bad\.yaml:1: histroy is not known\nHint: allowed are about, history/);
    t.equal((await runCli(['replay', `${bad}.not`])).exitCode, 5);
  });

  t.test('a database in the place of a scenario is told from one', async (t) => {
    const folder = t.testdir({ 'snapshot.db': Buffer.alloc(64), 'snapshot.db.gz': gzipSync(Buffer.alloc(1_000_000)) });
    for (const database of [folder, join(folder, 'snapshot.db'), join(folder, 'snapshot.db.gz')]) {
      t.strictSame(await runCli(['replay', database]), {
        exitCode: 2,
        stdout: '',
        stderr: `Error: ${database} is a database, not a scenario\nHint: name it with --db ${database}\n`,
      });
    }
  });

  t.test('views that would go unheard are refused', async (t) => {
    for (const view of [['--timeline'], ['--summary'], ['--trace'], ['--compare', '3.5.12,3.5.13']]) {
      t.equal((await runCli(['replay', path, '--explain', '/a@5', ...view])).exitCode, 2);
    }
    t.equal((await runCli(['replay', path, '--compare', '3.5.12,3.5.13', '--as-etcd', '3.5.12'])).exitCode, 2);
  });

  t.test('on a terminal, prose is as wide as that', async (t) => {
    const screen = { columns: 50, isTTY: true };
    const { stdout } = await runCli(['replay', path, '--as-etcd', '3.5.12', '--explain', '/a@40'], screen);
    t.match(stdout, /\n {2}The watcher had been victim since 0\.040s: its\n {4}stream /);
    const told = await runCli(['case', '17529'], screen);
    for (const text of [stdout, told.stdout, (await runCli(['case', 'list'], screen)).stdout]) {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: colours
      const lines = text.replace(/\x1b\[\d+m/g, '').split('\n');
      t.strictSame(
        lines.filter((line) => line.length > 50),
        [],
      );
    }
  });
});

t.test('clients that resume', async (t) => {
  const scenario = (resumeFrom: string) => `
history:
  commits:
    - {txn: [{put: {key: /a, value: "{i}"}}, {put: {key: /b, value: "{i}"}}], repeat: 30}
base: 1
arrivals: {perSecond: 100}
watchers: [{name: pods, key: /, prefix: true, rev: 0}]
streams: {pods: {consumer: {every: 25ms}, disconnectAt: [151ms], reconnectAfter: 10ms, resumeFrom: ${resumeFrom}}}
`;
  const table: [resumeFrom: string, exitCode: number, broken: RegExp][] = [
    ['lastEvent', 0, /^$/],
    ['header', 0, /^$/],
    ['midTransaction', 1, /broke (reliable|undelivered)/],
    ['progress', 0, /^$/],
  ];
  for (const [resumeFrom, exitCode, broken] of table) {
    const path = join(t.testdir(), `${resumeFrom}.yaml`);
    writeFileSync(path, scenario(resumeFrom));
    const run = await runCli(['replay', path]);
    t.equal(run.exitCode, exitCode, `${resumeFrom}: ${run.stderr}`);
    t.match(run.stderr, broken, resumeFrom);
  }
});

t.test('why an event never came, or came in vain', async (t) => {
  const transactions = 'history: {commits: [{txn: [{put: {key: /a}}, {put: {key: /b}}], repeat: 8}]}';
  const connection = (resumeFrom: string) => `
watchers: [{name: pods, key: /, prefix: true, rev: 2}]
streams: {pods: {disconnectAt: [50ms], reconnectAfter: 10ms, resumeFrom: ${resumeFrom}}}
parameters: {watchBatchMaxRevs: 3}
`;
  const known = (issue: number) => KNOWN_CASES.find((one) => one.issue === issue)!.scenario;
  const watcher = (more: string) => `${transactions}\nwatchers: [{name: pods, key: /a, ${more}}]\n`;
  const table: [scenario: string, args: string, told: RegExp][] = [
    [
      transactions + connection('header'),
      '/b@6',
      /never delivered: its client resumed from revision 10, which lies behind/,
    ],
    [
      transactions + connection('midTransaction'),
      '/b@3',
      /dealt with 3 of these 6 events when .* broke at 0\.050s, .* lost\.\n$/,
    ],
    [
      transactions + connection('lastEvent'),
      '/b@6',
      /lost the connection\.\n(.*\n)+.*was delivered at 0\.1.* via sync/,
    ],
    [
      known(17780),
      '/b@3 --as-etcd 3.5.13',
      /never delivered: .* a restart can go back in revisions \(etcd issue 17780\)/,
    ],
    [known(17780), '/b@4 --as-etcd 3.5.14', /was delivered at/],
    [known(18089), '/a@4 --as-etcd 3.5.15', /never delivered: .* drops a tombstone .* \(etcd issue 18089\)/],
    [known(19179), '/a@4 --as-etcd 3.5.17', /never delivered: .* forgets a tombstone .* \(etcd issue 19179\)/],
    [watcher('filter: [put]'), '/a@3', /filter leaves out every PUT/],
    [watcher('prefix: false'), '/b@3', /out of the watcher's range, \/a\./],
    [watcher('rev: 5'), '/a@3', /starts later, at revision 5/],
    [
      `${watcher('rev: 2')}streams: {pods: {consumer: never}}`,
      '/a@3',
      /1 response that nobody has taken in stream pods/,
    ],
    [`${transactions}\nactions: [{at: 1s, watch: {name: pods, key: /a}}]\nuntil: 10ms`, '/a@3', /never started/],
  ];
  for (const [i, [scenario, args, told]] of table.entries()) {
    const path = join(t.testdir(), `${i}.yaml`);
    writeFileSync(path, scenario);
    const { stdout } = await runCli(['replay', path, '--explain', ...args.split(' ')]);
    t.match(stdout, told, `${scenario} ${args}`);
  }
});

t.test('replay --steps is mvccw steps by its old name; what has no effect beside it is refused', async (t) => {
  const path = join(t.testdir(), 'steps.jsonl');
  writeFileSync(path, '{"op":"put","key":"a","value":"1"}\n');
  const steps = ['replay', '--steps', path];
  const table: [args: string[], named: string][] = [
    [['scenario.yaml'], 'the scenario scenario.yaml'],
    [['--rate', '50'], '--rate'],
    [['--watch', 'key=a'], '--watch'],
    [['--trace'], '--trace'],
    [['--db', '.'], '--db'],
  ];
  for (const [args, named] of table) {
    const { exitCode, stdout, stderr } = await runCli([...steps, ...args]);
    t.same([exitCode, stdout], [2, ''], named);
    t.equal(
      stderr,
      `Error: ${named} does not go with --steps\nHint: a step scenario runs on a store of its own; only --as-etcd goes with it\n`,
    );
  }
  t.match(await runCli([...steps, '--as-etcd', '3.4.0', '-w', 'json'], { env: { MVCCW_DB: 'x' } }), {
    exitCode: 0,
    stdout: '{"rev":2}\n',
  });
  t.notMatch(await stdoutOf(t, ['replay', '--help']), /--steps/);
});

t.test('--db takes the place of the database that a scenario names', async (t) => {
  const snapshot = projectFile('fixtures/etcd-3.5.snapshot.db');
  const folder = t.testdir();
  const named = join(folder, 'named.yaml');
  writeFileSync(named, 'history: {database: nowhere}\nfrom: 360\n');
  t.match(await runCli(['replay', named]), { exitCode: 5, stderr: 'nowhere' });
  t.match(await runCli(['--db', snapshot, 'replay', named]), { exitCode: 0, stdout: '10 events in 1 batch' });
  t.match(await runCli(['--db', snapshot, 'explore', named, '--seeds', '1']), { exitCode: 0 });
  // $MVCCW_DB is used where nothing else says what to read.
  t.match(await runCli(['replay', named], { env: { MVCCW_DB: snapshot } }), { exitCode: 5, stderr: 'nowhere' });

  const own = join(folder, 'own.yaml');
  writeFileSync(own, 'history: {commits: [{put: {key: a}}]}\n');
  for (const command of ['replay', 'explore']) {
    const { exitCode, stdout, stderr } = await runCli([command, own, '--db', snapshot]);
    t.same([exitCode, stdout], [2, '']);
    t.match(
      stderr,
      /^Error: .*own\.yaml writes its history itself, so --db .* would not be read\nHint: leave --db away/,
    );
  }
});

t.test('what is likely not meant is said with every view', async (t) => {
  const path = join(t.testdir(), 'hints.yaml');
  writeFileSync(path, 'history: {commits: [{put: {key: a}}]}\nwatchers: [{name: w, key: a, rev: 7}]\n');
  const hint = 'Hint: every watcher starts above revision 2';
  const assumed = (version: string, as: string) =>
    `Hint: etcd ${version} is newer than what is known here: it is taken to behave as ${as}\n`;
  for (const view of [['--summary'], ['--explain', 'a@2'], ['--compare', '3.5.99,3.9.0']]) {
    const { stderr } = await runCli(['replay', path, ...view]);
    t.equal(stderr.split(hint).length, 2, `once: ${stderr}`);
    t.equal(stderr.includes(assumed('3.9.0', '3.7.1')), view.includes('--compare'));
    t.equal(stderr.includes(assumed('3.5.99', '3.5.30')), view.includes('--compare'));
  }
  for (const view of [
    ['--explain', 'a@2'],
    ['--compare', '3.5.0,3.6.0'],
  ]) {
    for (const flag of [
      ['--max-lag', '1'],
      ['--max-delay', '1s'],
      ['--check', 'on'],
    ]) {
      const { exitCode, stderr } = await runCli(['replay', path, ...view, ...flag]);
      t.equal(exitCode, 2);
      t.match(stderr, new RegExp(`^Error: option '${view[0]} .*' cannot be used with option '${flag[0]} `));
    }
  }
});

t.test('nothing of a progress line is left when a command fails', async (t) => {
  const folder = t.testdir();
  const damaged = join(folder, 'damaged.db');
  const bytes = readFileSync(projectFile('fixtures/etcd-3.5.snapshot.db')).subarray(0, -32);
  // The damage is in the last page that holds records, so that the import has begun when it is found.
  bytes.fill(0xff, bytes.lastIndexOf('/registry/') - 4, bytes.lastIndexOf('/registry/'));
  writeFileSync(damaged, bytes);
  const { exitCode, stderr } = await runCli(['import', damaged, '--db', join(folder, 'db')], {
    isTTY: true,
    nowMs: slowClock(),
  });
  t.equal(exitCode, 3);
  t.match(stderr, '%\r\x1b[KError: ');
});
