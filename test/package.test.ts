// The test installs the package in another folder as npm packs it: the command runs, the library is found, and its
// types fit.

import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import t from 'tap';
import { projectFile } from './support/root.js';
import { temporaryFolder } from './support/run-cli.js';

const ROOT = projectFile('');
const SNAPSHOT = join(ROOT, 'fixtures', 'etcd-3.5.snapshot.db');
const { dependencies, version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

const USE = `import { openHistory, type ReplayResult } from 'mvccw';

const history = await openHistory(process.argv[2] ?? '');
const result: ReplayResult = history.replay({ from: 355, watchers: [{ name: 'pods', key: '/registry/pods/', prefix: true }] });
console.log(result.watchers[0]?.events, result.problems.length);
history.close();
`;

t.test('packed and installed elsewhere, it runs', async (t) => {
  const folder = temporaryFolder(t);
  const run = (command: string, ...args: string[]): SpawnSyncReturns<string> =>
    spawnSync(command, args, { encoding: 'utf8', cwd: folder, env: { PATH: process.env.PATH, HOME: folder } });

  const packed = spawnSync('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], {
    encoding: 'utf8',
    cwd: ROOT,
    env: { PATH: process.env.PATH, HOME: folder },
  });
  t.equal(packed.status, 0, packed.stderr);
  const [{ filename, files }] = JSON.parse(packed.stdout);
  const paths: string[] = files.map(({ path }: { path: string }) => path);
  const strangers = paths.filter(
    (path) => !/^(package\.json|README\.md|bin\/mvccw\.js|dist\/.*\.(js|d\.ts))$/.test(path),
  );
  t.strictSame(strangers, []);

  const installed = join(folder, 'node_modules', 'mvccw');
  mkdirSync(installed, { recursive: true });
  t.equal(run('tar', '-xzf', filename, '-C', installed, '--strip-components', '1').status, 0);
  for (const name of [...Object.keys(dependencies), '@types/node']) {
    const link = join(folder, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', name), link);
  }

  const bin = join(installed, 'bin', 'mvccw.js');
  t.match(run(process.execPath, bin, '--version'), { status: 0, stdout: `${version}\n` });
  const replayed = run(process.execPath, bin, 'replay', '--db', SNAPSHOT, '--from-rev', '360', '--summary');
  t.match(replayed, { status: 0, stdout: /^all {2}\d+ events in 1 batch, synced/ });

  writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
  writeFileSync(join(folder, 'use.ts'), USE);
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  const options = ['--module', 'nodenext', '--target', 'es2022', '--strict', '--skipLibCheck', '--types', 'node'];
  const compiled = run(process.execPath, tsc, ...options, 'use.ts');
  t.equal(compiled.status, 0, compiled.stdout);
  t.match(run(process.execPath, 'use.js', SNAPSHOT), { status: 0, stdout: '11 0\n' });
  t.ok(existsSync(join(installed, 'README.md')));
});
