// These tests check --decode and --show-secrets in the commands that print values.

import { Ajv } from 'ajv';
import t from 'tap';
import { DECODED_SCHEMA } from '../../src/output/kube/decoded-schema.js';
import { expectedObjects, unpackKubeDatabase } from '../support/k8s-objects.js';
import { newDatabase, runCli, stdoutOf, temporaryFolder } from '../support/run-cli.js';

const WORD = 'hunter2-of-the-day';
const BASE64 = Buffer.from(WORD).toString('base64');
const KEY = '/registry/secrets/shop/db';
const SECRET = `{"apiVersion":"v1","kind":"Secret","metadata":{"name":"db","namespace":"shop"},"data":{"a":"${BASE64}"}}`;

/** The forms in which the word can stand in an output; the last two are those of its base64. */
const FORMS = [WORD, BASE64, Buffer.from(BASE64).toString('base64').slice(4, -4), Buffer.from(BASE64).toString('hex')];

const holdsWord = (output: string): boolean => {
  const decoded = [...output.matchAll(/"([A-Za-z0-9+/=]{16,})"/g)].map(([, text]) => Buffer.from(text!, 'base64'));
  return FORMS.some((form) => [output, output.replaceAll('\\x', ''), ...decoded].some((text) => text.includes(form)));
};

t.test('a Secret is hidden in every command and format, and shown on demand', async (t) => {
  const txn = `\nput ${KEY} x --prev-kv\nget ${KEY} --rev 2\n\n\n`;
  const filled = () => newDatabase(t, ({ store }) => store.write((write) => write.put(KEY, Buffer.from(SECRET))));
  const db = await filled();
  const commands: readonly (readonly [argv: readonly string[], stdin: string, formats: readonly string[]])[] = [
    [['get', KEY], '', ['simple', 'json', 'fields', 'table']],
    [['get', KEY, '--print-value-only'], '', ['simple']],
    [['put', KEY, 'x', '--prev-kv'], '', ['simple', 'json', 'fields']],
    [['del', KEY, '--prev-kv'], '', ['simple', 'json']],
    [['txn'], txn, ['json', 'table']],
    [['watch', '-i'], `watch ${KEY} --rev 2\n`, ['simple', 'json', 'fields']],
    [['replay', '--from-rev', '1'], '', ['json', 'fields']],
  ];
  for (const [argv, stdin, formats] of commands) {
    for (const format of formats) {
      const run = async (...flags: string[]) => {
        const path = ['put', 'del', 'txn'].includes(argv[0]!) ? await filled() : db;
        const { exitCode, stdout } = await runCli(['--db', path, ...argv, '-w', format, ...flags], { stdin });
        t.equal(exitCode, 0, argv.join(' '));
        return stdout;
      };
      const name = `${argv.join(' ')} -w ${format}`;
      const hidden = await run('--decode', 'auto');
      t.match(hidden, /shop\/db|"namespace":"shop"/, `${name} decodes`);
      t.notOk(holdsWord(hidden), `${name} hides it`);
      if (format !== 'table') t.ok(holdsWord(await run('--decode', 'auto', '--show-secrets')), `${name} shows it`);
    }
  }
  const raw = await stdoutOf(t, ['--db', db, 'get', KEY]);
  t.equal(raw, `${KEY}\n${SECRET}\n`, 'without --decode all is as it was');
  t.equal(await stdoutOf(t, ['--db', db, 'get', KEY, '--decode', 'raw']), raw);
  const hex = await stdoutOf(t, ['--db', db, 'get', KEY, '--hex']);
  t.equal(await stdoutOf(t, ['--db', db, 'get', KEY, '--decode', 'hex']), hex);
  const replayed = await stdoutOf(t, ['--db', db, 'replay', '--from-rev', '1', '--decode', 'auto']);
  t.match(replayed, / {2}\(version 1, \d+ bytes; v1 Secret shop\/db\)\n/);
});

t.test('JSON has what its schema says, of every kind of value', async (t) => {
  const validate = new Ajv({ strict: true, strictTypes: false }).compile(DECODED_SCHEMA);
  const db = unpackKubeDatabase(temporaryFolder(t));
  const { kvs } = JSON.parse(await stdoutOf(t, ['--db', db, 'get', '', '--prefix', '--decode', 'auto', '-w', 'json']));
  const forms = new Map<string, number>();
  for (const { decoded } of kvs) {
    if (!validate(decoded)) t.fail(JSON.stringify([decoded, validate.errors]));
    forms.set(decoded.form, (forms.get(decoded.form) ?? 0) + 1);
  }
  t.strictSame([...forms.keys()].sort(), ['encrypted', 'object', 'text']);
  const wanted = new Map(expectedObjects().map((object) => [`${object.rev} ${object.key}`, object]));
  for (const { key, mod_revision, decoded } of kvs) {
    const { name, uid, encoding } = wanted.get(`${mod_revision} ${Buffer.from(key, 'base64')}`)!;
    if (decoded.form === 'object') t.match(decoded, { name, encoding, ...(uid !== '' && { uid }) });
  }
  const others = ['{"a":[1]}', '\xd9\xd9\xf7\xff', '{"kind":"A"', '\x08\x01', '\xff', 'k8s:enc:x'];
  const path = await newDatabase(t, ({ store }) => {
    for (const [i, value] of others.entries()) {
      store.write((write) => write.put(`/registry/x${i}`, Buffer.from(value, 'latin1')));
      store.write((write) => write.put(`/registry/secrets/a/${i}`, Buffer.from(value, 'latin1')));
    }
  });
  const json = await stdoutOf(t, ['--db', path, 'get', '', '--prefix', '--decode', 'auto', '-w', 'json']);
  for (const { decoded } of JSON.parse(json).kvs) if (!validate(decoded)) t.fail(JSON.stringify(decoded));
});

t.test('options that change nothing are refused', async (t) => {
  const table: [argv: string[], stderr: RegExp][] = [
    [['status', '--decode', 'auto'], /^Error: --decode is not for status\nHint: it is for .*get/],
    [['lease', 'list', '--show-secrets'], /^Error: --show-secrets is not for lease list\n/],
    [
      ['get', 'a', '--show-secrets'],
      /^Error: --show-secrets changes nothing where values are shown as raw\nHint: .*auto/,
    ],
    [['get', 'a', '--hex', '--decode', 'auto'], /^Error: --hex does not go with --decode auto\n/],
    [['get', 'a', '--decode', 'hex', '-w', 'json'], /^Error: --hex is not for/],
    [['replay', '--decode', 'hex'], /^Error: --decode hex is not for replay\nHint: /],
    [['get', 'a', '--decode', 'all'], /Allowed choices are auto, raw, hex/],
  ];
  for (const [argv, stderr] of table) t.match(await runCli(argv), { exitCode: 2, stderr }, argv.join(' '));
});
