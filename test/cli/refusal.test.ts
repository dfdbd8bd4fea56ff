// What the machine refuses is no bug of mvccw.

import { spawnSync } from 'node:child_process';
import t from 'tap';
import { refusalOf } from '../../src/cli/refusal.js';
import { projectFile } from '../support/root.js';
import { runCli } from '../support/run-cli.js';

t.test('refusals and bugs', (t) => {
  const refused = Object.assign(new Error("EMFILE: too many open files, open 'x.js'"), { code: 'EMFILE' });
  t.match(refusalOf(refused), { code: 'IO', hint: 'too many open files: raise the limit (ulimit -n)' });
  t.match(refusalOf(new RangeError('Array buffer allocation failed')), { code: 'IO' });
  const bug = new TypeError('x is not a function');
  t.equal(refusalOf(bug), bug);
  t.end();
});

t.test('modules that cannot be opened', { skip: process.platform !== 'linux' }, (t) => {
  const bin = projectFile('bin/mvccw.js');
  const { status, stderr } = spawnSync('sh', ['-c', 'ulimit -n 24 && exec "$0" "$1" status', process.execPath, bin]);
  t.match(stderr.toString(), /^Error: cannot load mvccw: EMFILE: .*\nHint: EMFILE is too low a limit/);
  t.equal(status, 5);
  t.end();
});

t.test('a zero byte in a path, and a file of /proc', async (t) => {
  for (const command of [['status'], ['get', 'a'], ['put', 'a', 'b'], ['replay']]) {
    const run = await runCli(['--db', 'a\0b', ...command]);
    t.match(
      run,
      { exitCode: 2, stderr: /^Error: cannot open a\\x00b: a path cannot hold a zero byte\n/ },
      command.join(' '),
    );
  }
  for (const command of [
    ['import', 'a\0b'],
    ['steps', 'a\0b'],
    ['replay', 'a\0b'],
  ]) {
    t.match(await runCli(command), { exitCode: 2, stderr: /a path cannot hold a zero byte/ }, command.join(' '));
  }
  if (process.platform !== 'linux') return;
  t.match(await runCli(['--db', '/proc/self/status', 'status']), { exitCode: 3, stderr: /its content is made when/ });
});
