// Replays of real etcd files give the responses that the real `etcdctl watch` printed on the same server.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { importInto, runCli, temporaryFolder } from '../support/run-cli.js';
import { type Expected, expectedOf, snapshotNames, unpackSnapshot } from '../support/snapshots.js';
import { comparable, comparableLine, toolArguments } from '../support/tool-output.js';
import { fingerprint } from '../support/untouched.js';

/**
 * The recorded snapshots with the same history, by the names of files of stopped servers, for which nothing was
 * recorded.
 */
const RECORDED_WITH: Readonly<Record<string, string>> = {
  'live-small-35': 'small-35',
  'live-medium-35-defrag': 'medium-35-compacted',
};

type RecordedWatch = NonNullable<Expected['watches']>[number];

function recordedWatches(name: string): readonly RecordedWatch[] {
  return expectedOf(RECORDED_WITH[name] ?? name)?.watches ?? [];
}

/** Returns the arguments of `etcdctl watch` as a watcher of a replay. */
function watchSpec(name: string, args: readonly string[]): string {
  const { key, end, options } = toolArguments(args);
  const fields = [`name=${name}`, `key=${key}`];
  if (end !== undefined) fields.push(`end=${end}`);
  for (const [option, value] of options) {
    if (option === 'prefix') fields.push('prefix');
    else if (option === 'prev-kv') fields.push('prevKv');
    else if (option === 'rev') fields.push(`rev=${value}`);
    else throw new Error(`cannot express --${option}`);
  }
  return fields.join(',');
}

interface ReplayedLine {
  readonly watcher: string;
  readonly response: unknown;
}

async function replayLines(
  t: Test,
  db: string,
  specs: readonly string[],
): Promise<{ text: string; lines: ReplayedLine[] }> {
  const watch = specs.flatMap((spec) => ['--watch', spec]);
  const run = await runCli(['--db', db, 'replay', '-w', 'json', ...watch]);
  const text = run.stdout;
  const cancelled = text.includes('"Canceled":true');
  const release = 'Hint: the file is of etcd 3\\.[45]: .*\n$';
  const stderr = new RegExp(`^${cancelled ? 'Hint: .*compacted.*\n' : ''}${release}`);
  t.match(run, { exitCode: 0, stderr }, `replay ends well${cancelled ? ', with another hint' : ''}`);
  const lines = text.split('\n').filter((line) => line !== '');
  return { text, lines: lines.map((line) => comparableLine(line) as ReplayedLine) };
}

for (const name of snapshotNames().filter((snapshot) => expectedOf(snapshot) !== undefined)) {
  t.test(name, async (t) => {
    const folder = temporaryFolder(t);
    const inputs = join(folder, 'inputs');
    mkdirSync(inputs);
    const file = unpackSnapshot(name, inputs);
    const before = fingerprint(file);
    const imported = await importInto(t, file, folder);
    t.same(fingerprint(file), before, 'import leaves the file as it was');

    const watches = recordedWatches(name);
    for (const { args, responses } of watches) {
      const { lines } = await replayLines(t, imported, [watchSpec('w', args)]);
      t.same(
        lines.map(({ response }) => response),
        comparable(responses),
        `etcdctl watch ${args.join(' ')}`,
      );
    }

    const specs = watches.map(({ args }, i) => watchSpec(`w${i}`, args));
    const together = await replayLines(t, imported, specs);
    watches.forEach(({ args, responses }, i) => {
      const own = together.lines.filter(({ watcher }) => watcher === `w${i}`).map(({ response }) => response);
      t.same(own, comparable(responses), `among others: etcdctl watch ${args.join(' ')}`);
    });
    t.ok((await replayLines(t, imported, specs)).text === together.text, 'a second replay prints the same bytes');
    const straight = await replayLines(t, file, specs);
    t.ok(straight.text === together.text, 'a replay straight from the file prints the same bytes');
    t.same(fingerprint(file), before, 'replay leaves the file as it was');

    for (const [i, { args }] of watches.entries()) {
      const added = await runCli(['--db', imported, 'watcher', 'add', `w${i}`, ...args]);
      t.match(added, { exitCode: 0, stderr: '' }, `mvccw watcher add w${i} ${args.join(' ')}`);
    }
    t.ok((await replayLines(t, imported, [])).text === together.text, 'registered watchers receive the same');
  });
}
