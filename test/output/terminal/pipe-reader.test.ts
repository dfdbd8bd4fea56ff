import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { projectFile } from '../../support/root.js';
import { temporaryFolder } from '../../support/run-cli.js';
import { until } from '../../support/until.js';

const WORKER = projectFile('test/support/pipe-worker.js');

t.test('a reader that hands on the pipe is still there', { skip: !existsSync('/proc/self/fd') }, async (t) => {
  const folder = temporaryFolder(t);
  const [first, second] = [join(folder, 'first'), join(folder, 'second')];
  t.equal(spawnSync('mkfifo', [first, second]).status, 0);
  // The pipe belongs to head first, then to the shell, then to the program that replaces the shell.
  const readers = `head -c 10 >/dev/null; echo read; read go <'${first}'; exec sh -c "read go <'${second}'"`;
  const child = spawn('sh', ['-c', `'${process.execPath}' '${WORKER}' | (${readers})`], { stdio: 'pipe' });
  t.teardown(() => child.kill());
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  /** Asks the worker once more, and returns its answer. */
  const isGone = async () => {
    const lines = stderr.split('\n').length;
    child.stdin.write('\n');
    await until(() => stderr.split('\n').length > lines);
    return stderr.split('\n').at(-2);
  };
  await once(child.stdout, 'data');
  for (let look = 0; look < 4; look++) t.equal(await isGone(), 'false', 'the shell has it');
  await writeFile(first, 'go\n');
  for (let look = 0; look < 4; look++) t.equal(await isGone(), 'false', 'another program has it');
  await writeFile(second, 'go\n');
  // The pipe has no reader any more a moment later.
  let last = await isGone();
  for (const end = Date.now() + 60_000; last !== 'true' && Date.now() < end; ) last = await isGone();
  t.equal(last, 'true');
  child.stdin.end();
  await once(child, 'exit');
});
