// A real etcd runs the transactions that `mvccw undelete` prints: every byte of keys and values arrives.

import { join } from 'node:path';
import t, { type Test } from 'tap';
import { EtcdServer, noEtcd } from '../support/real-etcd.js';
import { newDatabase, runCli, temporaryFolder } from '../support/run-cli.js';

const ALL_BYTES = String.fromCharCode(...Array.from({ length: 256 }, (_, byte) => byte));

/** These are awkward as keys, and as values. */
const WORDS = [
  ...['-', '--', '-h', '--lease=5', '-dash', 'put', 'get', 'help', '# no', '=', 'mod("a") = "0"', 'a) = "1"', '%q%s'],
  ...['q"uote', "q'uote", 'back`tick', '"double"', "'single'", '`back`', '""', "''", '\\', '\\n', '\\x41', '$(x)'],
  ...['new\nline', '\r', 'tab\t', ' lead', 'trail ', '\0', '\0\x01', '\x7f', '\x1b[31m', '\xff', '\xc3', ALL_BYTES],
  // What Go and JavaScript do not agree on, or what is no UTF-8: spaces, separators, marks, U+FFFD, half a pair.
  ...['\xc2\xa0', '\xc2\x85', '\xe2\x80\xa8', '\xe2\x80\xae', '\xef\xbf\xbd', '\xed\xa0\x80', '\xf0\x9f\x98\x80'],
];

const LEASE = 0x694d77aa9e38260fn;
/** The key that is put with a lease. */
const LEASED = 'leased';

/** Returns a database in which all is deleted: first `pairs`, then the key with a lease. */
function deleted(t: Test, pairs: readonly (readonly [key: string, value: string])[]): Promise<string> {
  return newDatabase(t, ({ store }) => {
    store.grantLease(LEASE, 600);
    store.write((txn) => {
      for (const [key, value] of pairs) txn.put(key, Buffer.from(value, 'latin1'));
    });
    store.write((txn) => txn.put(LEASED, Buffer.from('x'), LEASE));
    store.write((txn) => txn.deleteRange('\0', ''));
  });
}

t.test('a real etcd brings back what was deleted', { skip: noEtcd }, async (t) => {
  const pairs = [
    ...WORDS.map((word, i) => [word, WORDS[(7 * i) % WORDS.length]!] as const),
    ...['', 'v'.repeat(800_000), 'w'.repeat(800_000), ALL_BYTES.repeat(400)].map(
      (value, i) => [`/${i}`, value] as const,
    ),
    ...Array.from({ length: 90 }, (_, i) => [`many/${i}`, String(i)] as const),
  ];
  const db = await deleted(t, pairs);
  const file = join(temporaryFolder(t), 'exported.db');
  t.match(await runCli(['--db', db, 'export', file]), { exitCode: 0 });
  const server = await EtcdServer.restored(t, file);
  const undelete = (...args: string[]) =>
    runCli(['--db', file, 'undelete', '', '--prefix', ...args], { encoding: 'latin1' });
  t.strictSame(await server.range(0), []);
  t.match(await server.txn((await undelete()).stdout), /too many operations/, 'the whole is more than a server takes');
  let parts = 0;
  for (;;) {
    const { exitCode, stdout } = await undelete('--keep-lease', '--part', String(parts + 1));
    if (exitCode !== 0) break;
    parts++;
    t.equal(await server.txn(stdout), 'SUCCESS', `part ${parts}`);
    t.equal(await server.txn(stdout), 'FAILURE', 'the keys are there now');
  }
  t.equal(parts, 2);
  const brought = (await server.range(0)) as { key: string; value?: string; lease?: string }[];
  const wanted = [...pairs, [LEASED, 'x'] as const].map(([key, value]) => {
    const [key64, value64] = [key, value].map((bytes) => Buffer.from(bytes, 'latin1').toString('base64'));
    return `${key64} ${value64} ${key === LEASED ? LEASE : ''}`;
  });
  t.strictSame(brought.map(({ key, value = '', lease = '' }) => `${key} ${value} ${lease}`).sort(), wanted.sort());
});
