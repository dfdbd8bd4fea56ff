// These tests check what `mvccw check` finds of objects of Kubernetes.

import t from 'tap';
import { unpackKubeDatabase } from '../support/k8s-objects.js';
import { newDatabase, runCli, tamper, temporaryFolder } from '../support/run-cli.js';

t.test('an object under a key that is not its own is found, and nothing else', async (t) => {
  const db = unpackKubeDatabase(temporaryFolder(t));
  const { exitCode, stdout } = await runCli(['check', '--db', db, '-w', 'json']);
  t.equal(exitCode, 1);
  const [finding, end, ...others] = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  t.match(finding, { kind: 'finding', finding: 'object', revision: { main: 122, sub: 0 }, problem: /shop\/real-name/ });
  t.equal(Buffer.from(finding.key, 'base64').toString(), '/registry/configmaps/default/other-name');
  t.match(end, { kind: 'check', sound: false, complete: true, findings: 1, repairable: 0 });
  t.strictSame(others, []);
});

t.test('such an object is no damage: a repair mends the rest', async (t) => {
  const db = await newDatabase(t, ({ store }) => {
    const object = '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","namespace":"b"}}';
    store.write((txn) => txn.put('/registry/pods/b/c', Buffer.from(object)));
  });
  t.match(await runCli(['check', '--db', db, '--repair']), { exitCode: 1, stdout: /nothing was changed\n$/ });
  tamper(db, ({ tables }) => {
    const { key } = [...tables.index.entries()][0]!;
    tables.index.delete(key);
  });
  const repaired = await runCli(['check', '--db', db, '--repair']);
  t.match(repaired, {
    exitCode: 1,
    stdout: /is repaired: the index is built anew .*; 1 finding of what was written to it is left\n$/,
  });
  t.match(await runCli(['check', '--db', db]), { exitCode: 1, stdout: /^object .*\n.*\n.* has 1 finding\n$/ });
});
