// These tests check what `mvccw check` says of objects of Kubernetes: their digests, and their keys.

import t from 'tap';
import { ObjectDigest } from '../../src/kube/object-digest.js';
import { inspectionLines } from '../support/inspection-lines.js';
import { expectedObjects, unpackKubeDatabase } from '../support/k8s-objects.js';
import { newDatabase, runCli, stdoutOf, tamper, temporaryFolder } from '../support/run-cli.js';

const db = unpackKubeDatabase(temporaryFolder(t));

t.test('check --kube-digest tells the digest of real objects, and finds the one that is misplaced', async (t) => {
  const run = (...args: string[]) => runCli(['--db', db, 'check', '--kube-digest', ...args]);
  const widgets = await run('/registry/example.com/widgets', '-w', 'json');
  t.match(widgets, { exitCode: 0, stderr: '' });
  const newest = new Map(
    expectedObjects()
      .filter(({ key }) => key.startsWith('/registry/example.com/widgets/'))
      .map((object) => [object.key, object]),
  );
  const digest = new ObjectDigest();
  for (const key of [...newest.keys()].sort()) digest.add(newest.get(key)!, newest.get(key)!.rev);
  const { prefix, ...rest } = inspectionLines(t, widgets.stdout)[0] as { prefix: string };
  const digests = { etcdDigest: digest.toString(), cacheDigest: digest.toString() };
  t.equal(Buffer.from(prefix, 'base64').toString(), '/registry/example.com/widgets/');
  t.strictSame(rest, { schema: 1, kind: 'kubeDigest', resourceVersion: 1002, objects: 4, encrypted: 0, ...digests });

  const maps = await run('/registry/configmaps/', '-w', 'json');
  const lines = inspectionLines(t, maps.stdout);
  t.equal(maps.exitCode, 1);
  t.match(lines, [
    { finding: 'object', revision: { main: 122, sub: 0 }, problem: /other-name.*ConfigMap shop\/real-name/ },
    { kind: 'kubeDigest', objects: 4 },
  ]);
  t.not(lines[1]!.etcdDigest, lines[1]!.cacheDigest);

  t.equal(
    await stdoutOf(t, ['--db', db, 'check', '--kube-digest', '/registry/secrets/', '--rev', '1000']),
    `/registry/secrets/ at resourceVersion 1000: 10 objects, 1 of them encrypted\netcdDigest   e09706b32101805a\ncacheDigest  e09706b32101805a\n`,
  );
  t.match(await run('/registry/pods/', '-w', 'fields'), { exitCode: 0, stdout: /^"EtcdDigest" : "[0-9a-f]+"$/m });
  t.match(await run('/registry/pods/', '-w', 'table'), { exitCode: 0, stdout: /\/registry\/pods\// });
  t.match(await run('/registry/'), { exitCode: 2, stderr: /^Error: .*\nHint: give the beginning of the keys of one/ });
  t.match(await run('/registry/pods/', '--rev', '5'), { exitCode: 4 });
  t.match(await runCli(['--db', db, 'check', '--rev', '5']), { exitCode: 2, stderr: /--rev is for --kube-digest/ });
});

t.test('an object under a key that is not its own is found, and nothing else', async (t) => {
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
