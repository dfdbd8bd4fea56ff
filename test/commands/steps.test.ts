import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import t, { type Test } from 'tap';
import { runCli, stdoutOf } from '../support/run-cli.js';

function fileOf(t: Test, ...ops: readonly object[]): string {
  const path = join(t.testdir(), 'steps.jsonl');
  writeFileSync(path, ops.map((op) => `${JSON.stringify(op)}\n`).join(''));
  return path;
}

t.test('each operation is answered by a line of JSON', async (t) => {
  const path = fileOf(t, { op: 'put', key: 'a', value: '1' }, { op: 'compact', rev: 9 }, { op: 'state' });
  const answers = '{"rev":2}\n{"error":"future"}\n{"currentRev":2,"compactRev":-1,"watchers":{},"queued":{}}\n';
  t.equal(await stdoutOf(t, ['steps', path]), answers);
  t.equal(await stdoutOf(t, ['steps', path, '-w', 'json']), answers);
  const packed = `${path}.gz`;
  writeFileSync(packed, gzipSync(readFileSync(path)));
  t.equal(await stdoutOf(t, ['steps', packed]), answers, 'packed');
});

t.test('the example of its help', async (t) => {
  const help = await stdoutOf(t, ['steps', '--help']);
  const path = join(t.testdir(), 'steps.jsonl');
  writeFileSync(path, help.slice(help.indexOf('{"op"')));
  const lines = (await stdoutOf(t, ['steps', path])).trimEnd().split('\n');
  t.match(JSON.parse(lines[3]!), { responses: [{ watcher: 'w', events: [{ type: 'PUT', key: 'a' }] }] });
});

t.test('--as-etcd is the release whose behaviour it has', async (t) => {
  const full = Array.from({ length: 200 }, (_, i) => ({ op: 'put', key: `k${i}` }));
  const watch = { op: 'watch', watcher: 'w', key: 'k', end: 'l' };
  const path = fileOf(t, watch, ...full, { op: 'state' });
  const stateOf = async (release: string) =>
    JSON.parse((await stdoutOf(t, ['steps', path, '--as-etcd', release])).trimEnd().split('\n').at(-1)!);
  t.match(await stateOf('3.4.9'), { queued: { w: 200 } }, 'a stream holds 1024 responses');
  t.match(await stateOf('3.4.10'), { queued: { w: 128 }, watchers: { w: { group: 'victim' } } });
});

t.test('what is refused, and the exit status', async (t) => {
  const path = fileOf(t, { op: 'put', key: 'a' });
  const cut = `${path}.gz`;
  writeFileSync(cut, gzipSync(readFileSync(path)).subarray(0, 20));
  const wrong = join(dirname(path), 'wrong.jsonl');
  writeFileSync(wrong, '{"op":"put","key":"a"}\n{"op":"putt"}\n');
  const table: [args: readonly string[], exitCode: number, stderr: RegExp][] = [
    [[], 2, /^Error: missing required argument 'file'/],
    [[path, '--db', '.'], 2, /^Error: --db does not go with steps\nHint: a step scenario runs on a store of its own\n/],
    [[path, '-w', 'table'], 2, /^Error: table is not supported as output format here\nHint: .* simple, json\n/],
    [[path, '--as-etcd', '2.0.0'], 2, /^Error: /],
    [[wrong], 2, /^Error: .*wrong\.jsonl:2: unknown op "putt"\nHint: an op is one of /],
    [[cut], 3, /^Error: cannot unpack .*steps\.jsonl\.gz\n/],
    [[`${path}.nowhere`], 5, /^Error: cannot read .*nowhere: ENOENT/],
  ];
  for (const [args, exitCode, stderr] of table) {
    const run = await runCli(['steps', ...args]);
    t.match(run, { exitCode, stderr }, args.join(' '));
    t.equal(run.stdout, '', 'nothing is printed');
  }
});
