import t from 'tap';
import { objectIdentity } from '../../src/kube/identity.js';
import { isOwnKey } from '../../src/kube/object-key.js';
import { recogniseValue } from '../../src/kube/value.js';
import { kubeValues } from '../support/k8s-objects.js';

t.test('the quick way to an identity finds the same as the one that reads all', async (t) => {
  const values = [...kubeValues().values()];
  const damaged = values.slice(0, 20).flatMap((value) => [value.subarray(0, 40), value.subarray(0, 8)]);
  const others = [
    '{"kind":"A","apiVersion":1}',
    '{"kind":"A","apiVersion":"v1","metadata":null}',
    '[1]',
    '{"apiVersion"',
    'x',
    '',
  ];
  for (const value of [...values, ...others.map((text) => Buffer.from(text))]) {
    const whole = recogniseValue(value);
    const wanted =
      whole.form === 'object'
        ? { apiVersion: whole.apiVersion, kind: whole.kind, namespace: whole.meta.namespace, name: whole.meta.name }
        : whole.form === 'encrypted'
          ? 'encrypted'
          : undefined;
    t.strictSame(objectIdentity(value), wanted, value.toString('latin1', 0, 60));
  }
  for (const value of damaged) t.doesNotThrow(() => objectIdentity(value));
});

t.test('the keys of sound objects', async (t) => {
  const rows: [key: string, namespace: string, name: string][] = [
    ['/registry/minions/node-1', '', 'node-1'],
    ['/registry/services/specs/default/kubernetes', 'default', 'kubernetes'],
    ['/registry/services/endpoints/default/kubernetes', 'default', 'kubernetes'],
    ['/registry/masterleases/10.0.0.1', '', ''],
    ['/registry/ranges/serviceips', '', ''],
    ['/registry/events/shop/web.18ec1c8a5b0c730f', 'shop', 'web.18ec1c8a5b0c730f'],
    ['/registry/example.com/widgets/default/web', 'default', 'web'],
    ['/registry/clusterroles/system:controller:job-controller', '', 'system:controller:job-controller'],
    ['/registry/apiregistration.k8s.io/apiservices/v1.apps', '', 'v1.apps'],
    ['/registry/ipaddresses/fd00::1', '', 'fd00::1'],
    ['/kubernetes.io/operator.openshift.io/ingresscontrollers/a/b', 'a', 'b'],
  ];
  const object = { apiVersion: 'v1', kind: 'A' };
  for (const [key, namespace, name] of rows) t.ok(isOwnKey(key, { ...object, namespace, name }), key);
  t.notOk(isOwnKey('/registry/pods/default/web', { ...object, namespace: 'shop', name: 'web' }), 'another namespace');
  t.notOk(isOwnKey('/registry/pods/default/web-1', { ...object, namespace: 'default', name: 'web' }), 'another name');
  t.notOk(isOwnKey('/registry/minions/a-node', { ...object, namespace: '', name: 'node' }), 'the end of a name');
});
