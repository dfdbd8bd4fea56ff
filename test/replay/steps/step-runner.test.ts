import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import t from 'tap';
import { MvccwError } from '../../../src/errors.js';
import type { Backend } from '../../../src/mvcc/backend.js';
import { MemoryBackend } from '../../../src/mvcc/memory-backend.js';
import type { StepOp } from '../../../src/replay/steps/step-op.js';
import { runStepScenario } from '../../../src/replay/steps/step-runner.js';
import { parseStepScenario } from '../../../src/replay/steps/step-scenario.js';
import { LmdbBackend } from '../../../src/storage/lmdb-backend.js';
import fc from '../../support/fast-check.js';
import { draws } from '../../support/random.js';
import { projectFile } from '../../support/root.js';
import { checkFolders, describeDifference, firstDifference, readBundle } from '../../support/step-traces.js';

const bundle = (name: string) => readBundle(projectFile(`fixtures/golden/${name}.jsonl.gz`));

/** Each scenario runs in memory, as in `mvccw steps`; one in so many runs on LMDB as well, which takes longer. */
const ON_LMDB = draws(10, 2);

for (const [name, scenarios] of [
  ['hand', 77],
  ['random', 150],
  ['catchup', 25],
] as const) {
  t.test(`${name} scenarios give etcd's answers`, async (t) => {
    const database = t.testdir();
    const pairs = bundle(name);
    t.equal(pairs.length, scenarios, 'all are there');
    for (const [i, { name, about, scenario, trace }] of pairs.entries()) {
      const memory = new MemoryBackend();
      const check = (open: () => Backend, where: string) => {
        const difference = firstDifference(scenario, trace, runStepScenario(scenario, open));
        const title = about ? `${name}: ${about}` : name;
        t.equal(difference && describeDifference(difference), undefined, `${title}, ${where}`);
      };
      check(() => memory, 'in memory');
      if (i % ON_LMDB > 0) continue;
      check(() => new LmdbBackend(join(database, name), { durable: false, hidden: true }), 'on LMDB');
    }
  });
}

t.test('lines that are no operation', async (t) => {
  const table: [text: string, message: string][] = [
    ['{"op":"put","key":"a"}\n{', 'x:2: .*JSON'],
    ['\n\n{"op":"putt"}', 'x:3: unknown op "putt"'],
    ['{"op":"toString"}', 'x:1: unknown op "toString"'],
    ['{}', 'x:1: unknown op undefined'],
    ['null', 'x:1: unknown op undefined'],
    ['7', 'x:1: unknown op undefined'],
    ['{"op":"put","value":"a"}', 'x:1: op put needs key'],
    ['{"op":"watch","key":"a"}', 'x:1: op watch needs watcher'],
    ['{"op":"compact"}', 'x:1: op compact needs rev'],
    // These requests were once reported as bugs of mvccw, or accepted.
    ['{"op":"put","key":5}', 'x:1: key of op put must be text$'],
    ['{"op":"put","key":"a","value":{}}', 'x:1: value of op put must be text$'],
    ['{"op":"put","key64":-1}', 'x:1: key64 of op put must be bytes in base64$'],
    ['{"op":"put","key64":"a"}', 'x:1: key64 of op put must be bytes in base64$'],
    ['{"op":"put","key":"a","key64":"YQ=="}', 'x:1: op put has both key and key64$'],
    ['{"op":"put","key":"a","lease":1.5}', 'x:1: lease of op put must be a whole number from 0 to'],
    ['{"op":"put","key":"a","vaule":"b"}', 'x:1: op put has no field "vaule"$'],
    ['{"op":"sync","__proto__":1}', 'x:1: op sync has no field "__proto__"$'],
    ['{"op":"watch","watcher":"w","key":"a","end":true}', 'x:1: end of op watch must be text$'],
    ['{"op":"watch","watcher":"w","key":"a","filters":{}}', 'x:1: filters of op watch must be a list of "noput"'],
    ['{"op":"watch","watcher":"w","key":"a","filters":["put"]}', 'x:1: filters of op watch must be a list of "noput"'],
    ['{"op":"grant","lease":null,"ttl":5}', 'x:1: lease of op grant must be a whole number'],
    ['{"op":"compact","rev":1e300}', 'x:1: rev of op compact must be a whole number$'],
    ['{"op":"range","key":"a","countOnly":1}', 'x:1: countOnly of op range must be true or false$'],
    [
      '{"op":"config","compactionBatchLimit":""}',
      'x:1: compactionBatchLimit of op config must be a whole number from 1',
    ],
    ['{"op":"config","chanBufLen":0}', 'x:1: chanBufLen of op config must be a whole number from 1'],
    ['{"op":"sync"}\n{"op":"config"}', 'x:2: config must be the first operation$'],
    ['{"op":"txn","ops":5}', 'x:1: ops of op txn must be a list of operations$'],
    ['{"op":"txn","ops":[null]}', 'x:1: ops.0: unknown op undefined$'],
    [
      '{"op":"txn","ops":[{"op":"put","key":"a"},{"op":"delete","key":1}]}',
      'x:1: ops.1: key of op delete must be text$',
    ],
    ['{"op":"txn","ops":[{"op":"txn","ops":[]}]}', 'x:1: ops.0: unknown op "txn"$'],
  ];
  for (const [text, message] of table) {
    t.throws(() => parseStepScenario(text, 'x'), { code: 'USAGE', message: new RegExp(`^${message}`) }, text);
  }
  t.same(parseStepScenario('{"op":"put","key64":"YQ=="}\r\n\n', 'x'), [{ op: 'put', key64: 'YQ==' }]);
});

t.test('whatever a line holds, it is refused or it runs', async (t) => {
  const scenarios = bundle('hand').map(({ scenario }) => scenario);
  const odd = fc.constantFrom(5, -1, 0, null, '', 'x', 'YQ==', [], {}, true, 1.5, 2 ** 53, [{ op: 'put' }], undefined);
  const ran = { refused: 0, run: 0 };
  fc.assert(
    fc.property(fc.constantFrom(...scenarios), fc.nat(), fc.nat(), odd, (scenario, at, of, value) => {
      const ops: StepOp[] = scenario.slice(0, 20);
      const op = ops[at % ops.length]!;
      const field = Object.keys(op)[of % Object.keys(op).length]!;
      ops[at % ops.length] = { ...op, [field]: value } as StepOp;
      let read: StepOp[];
      try {
        read = parseStepScenario(ops.map((one) => JSON.stringify(one)).join('\n'), 'x');
      } catch (error) {
        if (!(error instanceof MvccwError) || error.code !== 'USAGE' || !/^x:\d+: /.test(error.message)) throw error;
        ran.refused++;
        return;
      }
      const backend = new MemoryBackend();
      for (const answer of runStepScenario(read, () => backend)) JSON.stringify(answer);
      ran.run++;
    }),
    { numRuns: draws(300, 1000) },
  );
  t.ok(ran.refused > 10 && ran.run > 10, `both happen: ${JSON.stringify(ran)}`);
});

t.test('where a run and a trace part', async (t) => {
  const scenario: StepOp[] = [{ op: 'config' }, { op: 'sync' }];
  const table: [trace: unknown[], line: number | undefined][] = [
    [[{}, { unsynced: 0 }], undefined],
    [[{}, { unsynced: 1 }], 2],
    [[{ rev: 1 }, { unsynced: 0 }], 1],
    [[{}], 2],
    [[{}, { unsynced: 0 }, {}], 3],
    [[], 1],
  ];
  for (const [trace, line] of table) {
    const run = runStepScenario(scenario, () => new MemoryBackend());
    t.equal(firstDifference(scenario, trace, run)?.line, line, JSON.stringify(trace));
  }
  const long = `${'a'.repeat(1000)}`;
  t.equal(
    describeDifference({ line: 3, op: '{"op":"dump"}', wanted: `${long}b`, got: undefined }),
    `line 3 differs\n  op      {"op":"dump"}\n  wanted  ${'a'.repeat(400)}… (1001 characters)\n  got     (nothing)`,
  );
  t.match(describeDifference({ line: 3, op: 'x', wanted: `${long}b`, got: `${long}c` }), /wanted {2}…a+b\n.*…a+c$/);
});

t.test('folders of pairs', async (t) => {
  const runner = { parseStepScenario, runStepScenario, LmdbBackend };
  const folder = (name: string, files: Record<string, string | Buffer>): string => {
    const directory = join(root, name);
    mkdirSync(directory);
    for (const [file, content] of Object.entries(files)) writeFileSync(join(directory, file), content);
    return directory;
  };
  const check = (...directories: string[]) => {
    const lines: string[] = [];
    const errors: string[] = [];
    const io = { out: (line: string) => lines.push(line), err: (line: string) => errors.push(line) };
    const code = checkFolders(directories, runner, io);
    return {
      code,
      out: lines.join('\n').replaceAll(`${root}/`, ''),
      err: errors.join('\n').replaceAll(`${root}/`, ''),
    };
  };
  const root = t.testdir();
  const put = '{"op":"put","key":"a"}\n';
  const good = folder('good', {
    'one.scenario.jsonl': put,
    'one.trace.jsonl': '{ "rev": 2 }\n',
    'two.scenario.jsonl.gz': gzipSync(put),
    'two.trace.jsonl': '{"rev":2}',
    'index.json': '{}',
  });
  const bad = folder('bad', {
    'differs.scenario.jsonl': put,
    'differs.trace.jsonl': '{"rev":3}\n',
    'lone.scenario.jsonl': put,
    'orphan.trace.jsonl': '{}\n',
    'twice.scenario.jsonl': put,
    'twice.scenario.jsonl.gz': gzipSync(put),
    'twice.trace.jsonl': '{"rev":2}\n',
    'empty.scenario.jsonl': '\n',
    'empty.trace.jsonl': '',
    'broken.scenario.jsonl': put,
    'broken.trace.jsonl': '{"rev":2\n',
  });

  t.same(check(good), { code: 0, out: '2 passed, 0 failed', err: '' });
  const { code, out, err } = check(good, bad);
  t.equal(code, 1);
  t.equal(err, '');
  // The message about broken JSON is that of node.
  t.same(out.replace(/Expected .* in JSON.*/, 'no JSON').split('\n'), [
    'bad/broken: failed: bad/broken.trace.jsonl:1: no JSON',
    'bad/differs: line 1 differs',
    '  op      {"op":"put","key":"a"}',
    '  wanted  {"rev":3}',
    '  got     {"rev":2}',
    'bad/empty: the scenario is empty',
    'bad/lone: a scenario without a trace',
    'bad/orphan: a trace without a scenario',
    'bad/twice: there twice, packed and not: twice.scenario.jsonl.gz',
    '2 passed, 6 failed',
  ]);

  t.match(check(), { code: 2, out: '', err: /^usage: / });
  t.match(check('--help'), { code: 2, out: '', err: /^usage: / });
  t.match(check(good, join(root, 'nowhere')), { code: 2, out: '', err: /^cannot read nowhere: ENOENT/ });
  t.match(check(good, folder('none', { 'a.json': '{}' })), { code: 2, out: '', err: /^no NAME\.scenario.* in none$/ });
  t.match(readFileSync(join(good, 'one.scenario.jsonl'), 'utf8'), put, 'nothing was touched');
});
