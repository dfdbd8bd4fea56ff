import t, { type Test } from 'tap';
import { newDatabase, runCli, stdoutOf } from '../support/run-cli.js';

function filled(t: Test, compactAt?: number): Promise<string> {
  return newDatabase(t, ({ store }) => {
    for (let i = 1; i <= 5; i++) store.write((txn) => txn.put(`key${i % 2}`, Buffer.from(`value ${i}`)));
    if (compactAt !== undefined) store.compact(compactAt);
  });
}

t.test('each format is that of etcdctl, with the path for an endpoint', async (t) => {
  const db = await filled(t, 4);
  const hash = (...args: string[]) => stdoutOf(t, ['hash', '--db', db, ...args]);
  const simple = await hash();
  const value = simple.slice(db.length + 2, -1);
  t.match(value, /^\d{5,10}$/);
  t.equal(simple, `${db}, ${value}\n`);
  t.equal(
    await hash('-w', 'json'),
    `[{"Endpoint":"${db}","HashKV":{"header":{"revision":6},"hash":${value},"compact_revision":4}}]\n`,
  );
  t.equal(await hash('-w', 'fields'), `"Revision" : 6\n"Endpoint" : "${db}"\n"Hash" : ${value}\n\n`);
  t.ok((await hash('-w', 'table')).includes(`│ ${db} │ ${value} │\n`));
});

t.test('before any compaction the compact revision is -1, and an empty store has a hash too', async (t) => {
  const db = await newDatabase(t, () => undefined);
  t.equal(
    await stdoutOf(t, ['hash', '--db', db, '-w', 'json']),
    `[{"Endpoint":"${db}","HashKV":{"header":{"revision":1},"hash":1084519789,"compact_revision":-1}}]\n`,
  );
});

t.test('at each revision of the window, as the store had it then', async (t) => {
  const whole = await filled(t);
  const compacted = await filled(t, 4);
  const hash = async (db: string, rev: number) =>
    JSON.parse(await stdoutOf(t, ['hash', '--db', db, '-w', 'json', '--rev', String(rev)]))[0].HashKV;
  const hashes = new Set<number>();
  for (let rev = 1; rev <= 6; rev++) {
    const answer = await hash(whole, rev);
    t.equal(answer.header.revision, 6, 'the header has the newest revision');
    hashes.add(answer.hash);
  }
  t.equal(hashes.size, 6);
  t.equal((await hash(whole, 0)).hash, (await hash(whole, 6)).hash, '0 is the newest');
  t.equal((await hash(compacted, 4)).compact_revision, 4, 'the compact revision itself can be asked for');
  t.strictSame(await runCli(['hash', '--db', compacted, '--rev', '3']), {
    exitCode: 4,
    stdout: '',
    stderr: `Error: revision 3 has been compacted: the oldest is 4
Hint: choose a revision from 4 to 6
`,
  });
  t.strictSame(await runCli(['hash', '--db', compacted, '--rev', '7']), {
    exitCode: 4,
    stdout: '',
    stderr: `Error: revision 7 is in the future: the newest is 6
Hint: choose a revision up to 6
`,
  });
  t.strictSame(await runCli(['hash', '--db', compacted, '--rev', '1e3']), {
    exitCode: 2,
    stdout: '',
    stderr: `Error: --rev: "1e3" is not a whole number from 0 on
`,
  });
});
