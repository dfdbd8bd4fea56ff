// Keys and values of any bytes go into every command, as --key-hex or with \xNN escapes.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { newDatabase, runCli, stdoutOf } from '../support/run-cli.js';

const KEY = 'bad\xff\n/\0';
const VALUE = '\xfe\x80 v';
const KEY_HEX = Buffer.from(KEY, 'latin1').toString('hex');

// Node loses the bytes of arguments that are not UTF-8, so such keys could once be read but not named.
t.test('what is printed can be given back, in every command that takes a key', async (t) => {
  const db = await newDatabase(t, ({ store }) => {
    store.write((txn) => txn.put(KEY, Buffer.from(VALUE, 'latin1')));
    store.write((txn) => txn.put('other', Buffer.from('v')));
  });
  const run = (...argv: string[]) => stdoutOf(t, ['--db', db, ...argv]);
  const [shownKey, shownValue] = (await run('get', 'bad', '--prefix', '--hex')).split('\n') as [string, string];
  t.equal(shownKey, '\\x62\\x61\\x64\\xff\\x0a\\x2f\\x00');
  const [record] = JSON.parse(await run('get', 'bad', '--prefix', '-w=json')).kvs;
  const fromJson = Buffer.from(record.key, 'base64').toString('hex');
  for (const key of [shownKey, KEY_HEX, KEY_HEX.toUpperCase(), fromJson.replace(/../g, '$& ')]) {
    t.equal(await run('get', '--key-hex', key, '--hex'), `${shownKey}\n${shownValue}\n`, key);
  }
  t.equal(await run('get', '62', '63', '--key-hex', '--keys-only', '--hex'), `${shownKey}\n\n`, 'the end too');
  t.equal(await run('get', '--key-hex', '626164ff', '--prefix', '--count-only'), '1\n');
  t.equal(await run('get', '', '--key-hex', '--prefix', '--count-only'), '2\n');

  t.equal(
    await run('put', '--key-hex', KEY_HEX, '--value-hex', shownValue, '--prev-kv', '--hex'),
    `OK\n${shownKey}\n${shownValue}\n`,
  );
  t.equal(await run('put', 'copy', '--value-hex', shownValue), 'OK\n');
  t.equal(await stdoutOf(t, ['--db', db, 'put', 'fromstdin', '--value-hex'], { stdin: `${shownValue}\n` }), 'OK\n');
  t.equal(await run('get', 'copy', 'g', '--print-value-only', '--hex'), `${shownValue}\n${shownValue}\n`);

  const txn = `value("bad\\xff\\n/\\x00") = "\\xfe\\x80 v"

get --key-hex ${KEY_HEX}
put --key-hex ff ${'fe'} --value-hex
put "bad\\xfe" x

get other

`;
  t.match(await stdoutOf(t, ['--db', db, 'txn', '--hex'], { stdin: txn }), `SUCCESS\n\n${shownKey}\n${shownValue}\n`);
  t.equal(await run('get', '--key-hex', 'ff', '--hex'), '\\xff\n\\xfe\n');
  t.equal(await run('get', '--key-hex', '626164fe'), 'bad\ufffd\nx\n');

  const lines = `watch --key-hex ${KEY_HEX} --rev 2\n`;
  const watched = `PUT\n${shownKey}\n${shownValue}\n`;
  t.equal(await stdoutOf(t, ['--db', db, 'watch', '-i', '--hex'], { stdin: lines }), watched + watched);

  t.equal(await run('watcher', 'add', 'one', '--key-hex', KEY_HEX), 'Watcher one added\n');
  t.equal(await run('watcher', 'list'), 'name=one,key=bad\\xff\\x0a/\\x00\n');
  t.equal(await run('tree', '--stab', shownKey, '--key-hex'), 'one\n');
  t.equal(await run('del', '--key-hex', KEY_HEX), '1\n');
});

t.test('what is no hexadecimal is refused, and so is a key of which bytes are lost', async (t) => {
  const db = await newDatabase(t, () => undefined);
  const rows: [argv: string[], stderr: RegExp][] = [
    [['get', '--key-hex', '62f'], /^Error: --key-hex: "62f" is not hexadecimal\nHint: two digits are a byte/],
    [['get', '--key-hex', '62', 'xx'], /^Error: --key-hex: "xx" is not hexadecimal\n/],
    [['get', '--key-hex', '\\x6\\x1'], /is not hexadecimal/],
    [['del', '--key-hex', '6 2'], /is not hexadecimal/],
    [['put', '--key-hex', 'key', 'v'], /^Error: --key-hex: "key" is not hexadecimal\n/],
    [['put', 'key', '--value-hex', 'v'], /^Error: --value-hex: "v" is not hexadecimal\n/],
    [['put', '', 'v', '--key-hex'], /^Error: key is not provided\n/],
    [['watch', '--key-hex', 'zz'], /^Error: --key-hex: "zz" is not hexadecimal\n/],
    [['watcher', 'add', 'w', 'zz', '--key-hex'], /^Error: --key-hex: "zz" is not hexadecimal\n/],
    [['tree', '--stab', 'zz', '--key-hex'], /^Error: --key-hex: "zz" is not hexadecimal\n/],
    [['tree', '--key-hex'], /^Error: --key-hex needs a key: give one with --stab\n/],
    [
      ['get', 'bad\udcff'],
      /^Error: an argument is not UTF-8\nHint: give keys of any bytes in hexadecimal, with --key-hex\n/,
    ],
    [['del', 'a', 'bad\udcff'], /--key-hex\n/],
    [['watch', 'bad\udcff'], /--key-hex\n/],
    [['put', 'k', 'v\udcff'], /--value-hex\n/],
  ];
  for (const [argv, stderr] of rows) {
    t.match(await runCli(['--db', db, ...argv]), { exitCode: 2, stdout: '', stderr }, argv.join(' '));
  }
});

t.test('in a replay: on the command line, in a scenario, and in what it prints', async (t) => {
  const path = join(t.testdir(), 'bytes.yaml');
  writeFileSync(
    path,
    `history:
  commits:
    - {put: {key: '62ff{i}', keyHex: true, value: 'fe 80', valueHex: true}, repeat: 3}
    - {delete: {key: 62ff30, end: 62ff31, keyHex: true}}
watchers:
  - {name: 'w{i}', key: '62ff{i}', keyHex: true, repeat: 2}
  - {name: range, key: 62ff, end: 62ff32, keyHex: true}
actions: [{at: 1s, watch: {name: late, key: '62ff', keyHex: true, prefix: true, rev: 2}}]
`,
  );
  const summary = await stdoutOf(t, ['replay', path, '--summary']);
  t.match(summary, /^w0 +2 events .*\nw1 +1 event .*\nrange +3 events .*\nlate +4 events /);
  const printed = await stdoutOf(t, ['replay', path, '--watch', 'name=x,key=b\\xff1']);
  t.match(printed, /PUT {4}3 {2}b\\xff1 {2}\(version 1, 2 bytes\)/);
  const explained = await stdoutOf(t, ['replay', path, '--explain', 'b\\xff1@3', '--watcher', 'w1']);
  t.match(explained, /^b\\xff1 at revision 3, for w1, as etcd .*:\n {2}The PUT was there/);
  t.match(await runCli(['replay', path, '--explain', 'b\\xfe1@3']), { exitCode: 4 });
  t.match(await runCli(['replay', path, '--explain', 'b\udcff1@3']), { exitCode: 2, stderr: /Hint: .*\\xNN\n/ });

  writeFileSync(path, "history:\n  commits:\n    - {put: {key: '62f', keyHex: true}}\n");
  t.match(await runCli(['replay', path]), {
    exitCode: 2,
    stderr: /^Error: \S+bytes\.yaml:3: .*`keyHex`: "62f" is not hexadecimal\nHint: two digits/,
  });
});

// These two once went on with U+FFFD in the place of the bytes.
t.test('lost bytes are refused in the command of a watch and in $MVCCW_DB', async (t) => {
  const db = await newDatabase(t, ({ store }) => store.write((txn) => txn.put('k', Buffer.from('v'))));
  t.match(await runCli(['--db', db, 'watch', 'k', '--rev', '1', '--', 'echo', 'x\udcff']), {
    exitCode: 2,
    stderr: /^Error: an argument is not UTF-8\nHint: put the command into a script, and name that\n$/,
  });
  t.match(await runCli(['get', 'k'], { env: { MVCCW_DB: 'bad\ufffd' } }), {
    exitCode: 2,
    stderr: /^Error: the path of the database in the environment is not UTF-8, or holds U\+FFFD\n/,
  });
  t.equal(await stdoutOf(t, ['get', 'k', '--db', db], { env: { MVCCW_DB: 'bad\ufffd' } }), 'k\nv\n');
});
