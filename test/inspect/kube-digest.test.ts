import t from 'tap';
import { kubeDigest } from '../../src/inspect/kube-digest.js';
import { ObjectDigest } from '../../src/kube/object-digest.js';
import { MemoryBackend } from '../../src/mvcc/memory-backend.js';
import { Store } from '../../src/mvcc/store.js';
import { random } from '../support/random.js';

/** This is FNV-1 of 64 bits as its authors define it. */
function slowDigest(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of Buffer.from(text)) hash = BigInt.asUintN(64, hash * 0x100000001b3n) ^ BigInt(byte);
  return hash.toString(16);
}

const object = (namespace: string, name: string, kind = 'Pod'): Buffer =>
  Buffer.from(JSON.stringify({ apiVersion: 'v1', kind, metadata: { namespace, name } }));

function storeOf(puts: readonly (readonly [key: string, value: Buffer])[]): Store {
  const store = new Store(new MemoryBackend());
  for (const [key, value] of puts) store.write((txn) => txn.put(key, value));
  return store;
}

function digestOf(store: Store, prefix: string, rev = 0) {
  const steps = kubeDigest(store, prefix, rev);
  const problems: string[] = [];
  let step = steps.next();
  for (; !step.done; step = steps.next()) problems.push(step.value.problem);
  return { problems, ...step.value };
}

t.test('the digest is FNV-1, without zeros in front', async (t) => {
  t.equal(new ObjectDigest().toString(), 'cbf29ce484222325', 'of nothing');
  const below = random(1);
  for (let run = 0; run < 50; run++) {
    const digest = new ObjectDigest();
    let text = '';
    for (let i = below(5); i >= 0; i--) {
      const [namespace, name, version] = [`näme-${below(99)}`, `n${below(1e9)}`, below(2 ** 31)];
      digest.add({ namespace, name }, version);
      text += `${namespace}/${name}/${version}`;
    }
    t.equal(digest.toString(), slowDigest(text), text);
  }
});

t.test('a list has its objects in the order of keys, each with its modRevision', async (t) => {
  const store = storeOf([
    ['/registry/pods/b/x', object('b', 'x')],
    ['/registry/pods/a/y', object('a', 'y')],
    ['/registry/podsets/a/y', object('a', 'y', 'PodSet')],
    ['/registry/pods/b/x', object('b', 'x')],
  ]);
  const sound = digestOf(store, '/registry/pods/');
  t.match(sound, { problems: [], objects: 2, encrypted: 0, revision: 5, etcdDigest: slowDigest('a/y/3b/x/5') });
  t.equal(sound.cacheDigest, sound.etcdDigest);
  t.match(digestOf(store, '/registry/pods/', 2), { objects: 1, revision: 2, etcdDigest: slowDigest('b/x/2') });
  t.match(digestOf(store, '/registry/pods/', 1), { objects: 0, etcdDigest: 'cbf29ce484222325' });
  t.throws(() => digestOf(store, '/registry/pods/', 6), { code: 'FUTURE_REVISION' });
  t.throws(() => digestOf(store, '/registry/', 0), { code: 'USAGE', message: /not followed by namespace and name/ });
  t.throws(() => digestOf(store, '/registry/pods/a', 0), { code: 'USAGE' }, 'a prefix that cuts a name');
});

t.test('a cache has each name once, in the order of the keys that names make', async (t) => {
  const store = storeOf([
    ['/r/a/1', object('a', '1')],
    ['/r/b/1', object('a', '1')], // listed after the other of this name
    ['/r/c/1', object('z', '9')],
    ['/r/d/1', object('d', '1')],
    ['/r/e/1', object('d', '1')],
    ['/r/a/0', object('d', '1')],
    ['/r/f/1', object('b', '5')],
  ]);
  const { problems, etcdDigest, cacheDigest } = digestOf(store, '/r/');
  t.equal(problems.length, 5);
  t.equal(problems[0], 'revision 7: "/r/a/0" holds the v1 Pod d/1, which has another key');
  t.equal(etcdDigest, slowDigest('d/1/7a/1/2a/1/3z/9/4d/1/5d/1/6b/5/8'));
  t.equal(cacheDigest, slowDigest('a/1/3b/5/8d/1/6z/9/4'));
});

t.test('encrypted objects have the names of their keys, and what cannot be read cannot be listed', async (t) => {
  const encrypted = Buffer.from('k8s:enc:aescbc:v1:key1:abc');
  const store = storeOf([
    ['/r/a/1', encrypted],
    ['/r/node', encrypted],
  ]);
  t.match(digestOf(store, '/r/'), { problems: [], encrypted: 2, etcdDigest: slowDigest('a/1/2/node/3') });
  store.write((txn) => txn.put('/r/b/1', Buffer.from('k8s\0\x0a')));
  t.match(digestOf(store, '/r/'), { problems: [/^revision 4: .* cannot list/], objects: 2, etcdDigest: undefined });
  t.throws(() => digestOf(storeOf([['/r/a/b/c', encrypted]]), '/r/'), { code: 'USAGE' });
  const several = storeOf([
    ['/r/a/1', object('a', '1')],
    ['/r/a/2', object('a', '2', 'Node')],
  ]);
  t.throws(() => digestOf(several, '/r/'), { code: 'USAGE', message: /several kinds: Pod and Node/ });
});
