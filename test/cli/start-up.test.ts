// A run loads only what it needs. All libraries and commands together took 0.3 s, which every call in a script had to
// pay.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import t from 'tap';
import { projectFile } from '../support/root.js';
import { newDatabase } from '../support/run-cli.js';

const ROOT = projectFile('');
const SNAPSHOT = join(ROOT, 'fixtures', 'etcd-3.5.snapshot.db');

/** Returns the libraries of package.json that a run of the built program has loaded. */
function loadedBy(...args: string[]): string[] {
  const probe = join(ROOT, 'test', 'support', 'loaded-libraries.js');
  const { stderr, status } = spawnSync(process.execPath, ['--import', probe, join(ROOT, 'bin', 'mvccw.js'), ...args], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH },
  });
  const direct = ['ajv', 'chalk', 'cli-table3', 'commander', 'lmdb', 'yaml'];
  return [`status ${status}`, ...stderr.split('\n').filter((name) => direct.includes(name))];
}

t.test('a run loads the libraries that it needs', async (t) => {
  const db = await newDatabase(t, ({ store }) => store.write((txn) => txn.put('a', Buffer.from('1'))));
  const cases: [string[], string[]][] = [
    [['version'], ['commander']],
    [['--help'], ['commander']],
    [
      ['put', 'a', '2', '--db', db],
      ['commander', 'lmdb'],
    ],
    [
      ['get', 'a', '--db', db],
      ['commander', 'lmdb'],
    ],
    [
      ['get', 'a', '--db', db, '-w', 'table'],
      ['cli-table3', 'commander', 'lmdb'],
    ],
    [['get', 'a', '--db', SNAPSHOT], ['commander']],
    [['replay', '--db', SNAPSHOT, '--from-rev', '360'], ['commander']],
    [
      ['case', '15271', '--scenario'],
      ['ajv', 'commander', 'yaml'],
    ],
  ];
  for (const [args, libraries] of cases) t.strictSame(loadedBy(...args), ['status 0', ...libraries], args.join(' '));
});
