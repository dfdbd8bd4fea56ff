// These tests ask who wrote: a database of a server that Kubernetes' own libraries wrote to, whose writers are known, and
// stores with a log in which the origins are made up.

import t from 'tap';
import { blame } from '../../../src/inspect/blame/blame.js';
import { Proposers } from '../../../src/inspect/blame/proposers.js';
import { WHOLE_KEY_SPACE } from '../../../src/mvcc/key-range.js';
import { withDatabase } from '../../../src/storage/database.js';
import { provenanceOf } from '../../../src/storage/provenance.js';
import { dataDirectoryFile } from '../../support/data-directories.js';
import { projectFile } from '../../support/root.js';

const NOW = Date.UTC(2026, 10, 28, 12);
const ALL = { range: WHOLE_KEY_SPACE, fromRev: 0, toRev: Number.MAX_SAFE_INTEGER, limit: 0, reverse: false };

/** Returns the names by which managers write what a part of the driver wrote. */
function managersOf(part: string): readonly string[] {
  if (part.startsWith('kubelet')) return ['kubelet'];
  const others: Readonly<Record<string, readonly string[]>> = {
    apiserver: ['kube-apiserver', 'apiserver'],
    operator: ['widget-operator'],
    helm: ['helm', 'kubectl-edit'],
    kubectl: ['kubectl', 'kubectl-rollout'],
  };
  return others[part] ?? [part];
}

t.test('the managers of each put are those who wrote it', async (t) => {
  const text = dataDirectoryFile('k8s-35', 'requests.jsonl').toString();
  const parts = new Map<number, string>();
  for (const line of text.trimEnd().split('\n')) {
    const { revision, changed, note } = JSON.parse(line);
    if (changed) parts.set(revision, note.split(':')[0].split('_')[0]);
  }
  const counts = { change: 0, latestTime: 0, nothing: 0, none: 0 };
  await withDatabase(projectFile('fixtures/k8s-35/db.gz'), async (database) => {
    const provenance = provenanceOf(database, NOW);
    for (const { record, writers } of blame({ store: database.store, indexed: false }, provenance, ALL)) {
      counts[writers?.by ?? 'none']++;
      if (writers?.by !== 'change') continue;
      const part = parts.get(record.main)!;
      const names = writers.managers.map(({ manager }) => manager);
      if (!names.every((name) => managersOf(part).includes(name))) t.fail(`${record.main}: ${part}, ${names}`);
    }
  });
  t.same(counts, { change: 232, latestTime: 33, nothing: 12, none: 44 });
});

t.test('a member is told by the 16 bits that an id has of it', async (t) => {
  const member = (id: string, name: string) => ({ id, name, peerURLs: [], clientURLs: [], isLearner: false });
  const members = [member('69b38ac7138de88d', 's1'), member('aaaa00000000e88d', ''), member('1', 'one')];
  const proposers = new Proposers({ members, removedMembers: ['12bc7'] }, NOW);
  const names = (bits: bigint) => proposers.of((bits << 48n) | 0xa22020191f03n).members;
  t.same(names(0xe88dn), [
    { id: '69b38ac7138de88d', name: 's1' },
    { id: 'aaaa00000000e88d', name: '' },
  ]);
  t.same(names(1n), [{ id: '1', name: 'one' }]);
  t.same(names(0x2bc7n), [{ id: '12bc7', name: '' }], 'one that was removed');
  t.same(names(0xe88cn), []);
  const lease = proposers.ofLease(0x688da22020191f03n)!;
  t.same([lease.members.length, new Date(lease.startMs).toISOString()], [2, '2026-11-28T03:08:24.223Z']);
  t.equal(proposers.ofLease(0x688ca22020191f03n), undefined, 'no member has these bits');
  t.equal(proposers.ofLease(0x0001_0000_0000_0007n), undefined, 'its time would be long before etcd, or far ahead');
});
