import t from 'tap';
import { objectIdentity, wholeIdentity } from '../../src/kube/identity.js';
import { isOwnKey } from '../../src/kube/object-key.js';
import { kubeValues } from '../support/k8s-objects.js';

t.test('the quick way to an identity finds the same as the one that reads all', async (t) => {
  const values = [...kubeValues().values()];
  const others = [
    '{"kind":"A","apiVersion":1}',
    '{"kind":"A","apiVersion":"v1","metadata":null}',
    '{ "spec" : {"kind":"X","a":["}",{}],"b":"\\"kind"} ,\n"kind":"A\\u0042","metadata":{"labels":{"name":"l"},"name":"grün","namespace":"\\n"},"apiVersion":"v1"}',
    '{"a":1,"b":true,"kind":"","apiVersion":"v1"}',
    '{"apiVersion":"v1","kind":"A","metadata":{"name":"a"}}',
    '{"apiVersion":"v1","kind":"A","metadata":{"name":5}}',
    '{}',
    '[1]',
    '{"apiVersion"',
    'x',
    '',
  ];
  for (const value of [...values, ...others.map((text) => Buffer.from(text))]) {
    const whole = wholeIdentity(value);
    const isUnusual = whole !== undefined && whole !== 'encrypted' && whole.name === '5';
    t.strictSame(objectIdentity(value), isUnusual ? undefined : whole, value.toString('latin1', 0, 60));
  }
  for (const value of values.slice(0, 40)) {
    for (const length of [8, 30, 60, 200]) t.doesNotThrow(() => objectIdentity(value.subarray(0, length)));
  }
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
