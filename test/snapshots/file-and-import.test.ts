// An etcd file and the database that an import makes of it answer every reading command alike: the file has no index,
// no attachments of leases and no registered watchers, so each of these is a way of its own to the same answer.
//
// `lease timetolive --keys` once printed no keys on an etcd file, with exit status 0.

import t from 'tap';
import { withDatabase } from '../../src/storage/database.js';
import { projectFile } from '../support/root.js';
import { importInto, runCli, temporaryFolder } from '../support/run-cli.js';
import { unpackSnapshot } from '../support/snapshots.js';

const EXAMPLE = projectFile('fixtures/etcd-3.5.snapshot.db');
const SNAPSHOTS = ['fresh-35', 'small-34', 'live-deletes-35'];
/** These formats contain all that is read. */
const FORMATS = ['json', 'simple'];

interface Contents {
  readonly compactRev: number;
  readonly currentRev: number;
  readonly keys: readonly string[];
  readonly leases: readonly string[];
}

/** Returns what the commands below can ask for: a few keys, live and deleted ones, and all leases. */
async function contentsOf(file: string): Promise<Contents> {
  return withDatabase(file, async ({ store }) => {
    const keys = new Set<string>();
    for (const { key } of store.records(0, store.currentRev)) if (/^[ -~]+$/.test(key)) keys.add(key);
    const sorted = [...keys].sort();
    return {
      compactRev: store.compactRev,
      currentRev: store.currentRev,
      keys: sorted.filter((_, i) => i % Math.ceil(sorted.length / 4) === 0),
      leases: [...store.leases.list()].map(({ id }) => id.toString(16)),
    };
  });
}

const SORTS = ['CREATE', 'KEY', 'MODIFY', 'VALUE', 'VERSION'];

function getsOf({ keys, compactRev, currentRev }: Contents): string[][] {
  const revisions = [compactRev - 1, compactRev, compactRev + 1, Math.floor((compactRev + currentRev) / 2), currentRev];
  const forms: string[][] = [[], ['--limit', '3'], ['--keys-only'], ['--count-only'], ['--print-value-only']];
  for (const by of SORTS) forms.push(['--sort-by', by, '--order', 'DESCEND', '--limit', '5']);
  for (const rev of [...revisions, currentRev + 1].filter((rev) => rev > 0)) forms.push(['--rev', String(rev)]);
  const whole = forms.map((form) => ['get', '', '--prefix', ...form]);
  const ofKey = keys.flatMap((key, i) => [
    ['get', key],
    ['get', key, '--from-key', '--limit', '2'],
    ['get', key.slice(0, 4), '--prefix', '--count-only'],
    ...(keys[i + 1] === undefined ? [] : [['get', key, keys[i + 1]!]]),
    ...revisions.filter((rev) => rev > 0).map((rev) => ['get', key, '--rev', String(rev)]),
  ]);
  return [...whole, ...ofKey];
}

function readsOf(contents: Contents): string[][] {
  const { keys, leases, compactRev, currentRev } = contents;
  const middle = Math.floor((Math.max(compactRev, 1) + currentRev) / 2);
  return [
    ...getsOf(contents),
    ['lease', 'list'],
    ['lease', 'timetolive', '7fffffff', '--keys'],
    ...leases.flatMap((id) => [
      ['lease', 'timetolive', id],
      ['lease', 'timetolive', id, '--keys'],
    ]),
    ...[0, compactRev, middle, currentRev, currentRev + 1]
      .filter((rev) => rev >= 0)
      .map((rev) => ['hash', '--rev', `${rev}`]),
    ['tree'],
    ['tree', '--stab', keys[0] ?? 'a'],
    ['watcher', 'list'],
  ];
}

function replaysOf({ keys, compactRev, currentRev }: Contents): string[][] {
  const from = ['--from-rev', String(Math.max(compactRev, 1))];
  return [
    ['replay'],
    ['replay', ...from, '--trace'],
    ['replay', ...from, '--summary'],
    ['replay', '--from-rev', '1', '--watch', `name=one,key=${keys[0] ?? 'a'},prevKv`],
    ['replay', ...from, '--base-rev', String(Math.max(compactRev, 1)), '--rate', '100', '--timeline'],
    ['replay', '--from-rev', String(currentRev + 1)],
  ];
}

/** Replaces the path of the database, which is part of what `hash` prints. */
function withoutPath(text: string, path: string): string {
  return text.replaceAll(path, 'DB');
}

for (const name of ['etcd-3.5.snapshot', ...SNAPSHOTS]) {
  t.test(name, async (t) => {
    const folder = temporaryFolder(t);
    const file = name === 'etcd-3.5.snapshot' ? EXAMPLE : unpackSnapshot(name, folder);
    const directory = await importInto(t, file, folder);
    const contents = await contentsOf(file);
    const answer = async (db: string, args: string[]) => {
      const { exitCode, stdout, stderr } = await runCli([...args, '--db', db]);
      return { exitCode, stdout: withoutPath(stdout, db), stderr: withoutPath(stderr, db) };
    };
    const commands = readsOf(contents).flatMap((args) =>
      (args[0] === 'get' ? ['json'] : FORMATS).map((format) => [...args, '-w', format]),
    );
    for (const replay of replaysOf(contents)) commands.push(replay);
    const differing: string[][] = [];
    for (const args of commands) {
      const [ofFile, ofImport] = [await answer(file, args), await answer(directory, args)];
      if (JSON.stringify(ofFile) === JSON.stringify(ofImport)) continue;
      differing.push(args);
      t.strictSame(ofFile, ofImport, args.join(' '));
    }
    t.strictSame(differing, [], `${commands.length} commands`);

    const {
      path: _path,
      kind: _kind,
      format: _format,
      importedFrom: _from,
      sizeBytes: _size,
      ...ofImport
    } = JSON.parse((await runCli(['status', '-w', 'json', '--db', directory])).stdout) as Record<string, unknown>;
    const ofFile = JSON.parse((await runCli(['status', '-w', 'json', '--db', file])).stdout) as Record<string, unknown>;
    t.match(ofFile, ofImport, 'status: all that the import has');
  });
}

t.test('the keys of a lease of an etcd file', async (t) => {
  const run = await runCli(['lease', 'timetolive', '1111', '--keys', '--db', EXAMPLE]);
  t.match(run, { exitCode: 0, stderr: '' });
  t.match(
    run.stdout,
    /attached keys\(\[\/registry\/pods\/default\/web-26 \/registry\/pods\/default\/web-7 \/registry\/pods\/kube-system\/dns-2\]\)/,
  );
});
