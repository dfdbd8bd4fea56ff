// A U+FFFD that was typed was once refused as "not UTF-8".

import assert from 'node:assert';
import { spawnSync } from 'node:child_process';
import t from 'tap';
import { markLostBytes } from '../../src/cli/lost-bytes.js';
import { LOST_BYTES } from '../../src/commands/arg-bytes.js';
import { projectFile } from '../support/root.js';
import { runCli } from '../support/run-cli.js';

const commandLine = (...pieces: (string | Buffer)[]) =>
  Buffer.concat(pieces.flatMap((piece) => [Buffer.from(piece), Buffer.from([0])]));

t.test('the bytes of the command line tell a U+FFFD from lost bytes', (t) => {
  const argv = ['get', 'a\ufffd', 'b\ufffd', ''];
  const marked = ['get', 'a\ufffd', `b${LOST_BYTES}`, ''];
  const raw = commandLine('node', '--flag', 'mvccw.js', 'get', 'a\ufffd', Buffer.from('b\xff', 'latin1'), '');
  t.strictSame(
    markLostBytes(argv, () => raw),
    marked,
  );
  const every = ['get', `a${LOST_BYTES}`, `b${LOST_BYTES}`, ''];
  t.strictSame(
    markLostBytes(argv, () => undefined),
    every,
    'not known',
  );
  t.strictSame(
    markLostBytes(argv, () => commandLine('something', 'else')),
    every,
    'another command line',
  );
  t.strictSame(
    markLostBytes(['plain'], () => assert.fail('nothing is read')),
    ['plain'],
  );
  t.end();
});

t.test('a key with U+FFFD', { skip: process.platform !== 'linux' }, async (t) => {
  const db = t.testdir();
  t.match(await runCli(['--db', db, 'put', 'a\ufffd', 'b\ufffd']), { exitCode: 0 });
  const { stdout } = spawnSync(process.execPath, [projectFile('bin/mvccw.js'), '--db', db, 'get', 'a\ufffd']);
  t.equal(stdout.toString(), 'a\ufffd\nb\ufffd\n');
  const env = { MVCCW_WATCH_KEY: 'a\ufffd' };
  t.match(await runCli(['--db', db, 'watch'], { env }), { exitCode: 2, stderr: /is not UTF-8, or holds U\+FFFD/ });
  for (const argv of [
    ['--db', `x${LOST_BYTES}`, 'status'],
    ['import', LOST_BYTES],
    ['replay', LOST_BYTES],
  ]) {
    t.match(await runCli(argv), { exitCode: 2, stderr: /^Error: an argument is not UTF-8\nHint: / }, argv[0]!);
  }
});
