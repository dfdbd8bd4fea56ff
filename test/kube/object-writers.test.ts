// These tests ask of objects who wrote them (object-writers.ts), and who owns each of their fields (field-owners.ts).

import t from 'tap';
import { ownedFields } from '../../src/kube/field-owners.js';
import { type ObjectBefore, writersOf } from '../../src/kube/object-writers.js';
import { type KubeObject, recogniseValue } from '../../src/kube/value.js';

interface Entry {
  readonly manager: string;
  readonly time?: string;
  readonly fieldsV1?: object;
}

function widget(spec: object, ...entries: readonly Entry[]): KubeObject {
  const managedFields = entries.map((entry) => ({ operation: 'Update', apiVersion: 'v1', time: 'T1', ...entry }));
  const object = { apiVersion: 'v1', kind: 'Widget', metadata: { name: 'a', managedFields }, spec };
  return recogniseValue(Buffer.from(JSON.stringify(object))) as KubeObject;
}

t.test('who wrote an object', async (t) => {
  const fields = (...names: string[]) => ({ 'f:spec': Object.fromEntries(names.map((name) => [`f:${name}`, {}])) });
  const [a, b] = [
    { manager: 'a', fieldsV1: fields('x', 'y') },
    { manager: 'b', fieldsV1: fields('z') },
  ];
  const before = widget({ x: 1, z: 1 }, a, b);
  const told = (of: ObjectBefore, after: KubeObject) => {
    const writers = writersOf(of, after);
    return writers && `${writers.by} ${writers.managers.map(({ manager }) => manager)}`;
  };
  t.equal(told(before, widget({ x: 1, z: 2 }, a, { ...b, time: 'T2' })), 'change b', 'a later time');
  t.equal(told(before, widget({ x: 1, z: 1 }, a, b, { manager: 'c' })), 'change c', 'a new entry');
  const gains = { ...b, fieldsV1: fields('z', 'x') };
  const loses = { ...a, fieldsV1: fields('y') };
  t.equal(
    told(before, widget({ x: 2, z: 1 }, loses, gains)),
    'change b',
    'in one second: who gained a field, not who lost it',
  );
  t.equal(told(before, widget({ x: 2, z: 1 }, a, b)), 'nothing ', 'in one second, without another field');
  t.equal(told('nothing', before), 'change a,b');
  t.equal(told('unknown', widget({}, a, { ...b, time: 'T0' })), 'latestTime a');
  t.equal(told(before, widget({})), undefined, 'no managedFields');
});

t.test('who owns the fields of an object', async (t) => {
  const spec = {
    list: [
      { name: 'x', port: 1, image: 'i' },
      { name: 'y', port: 2, image: 'j' },
    ],
    set: ['one', 'two'],
    places: [{ q: 1 }, { q: 2 }],
    atomic: { deep: { er: 1 } },
    empty: {},
    free: true,
  };
  const a = {
    'f:list': { 'k:{"name":"x","port":1}': { '.': {}, 'f:image': {} }, 'k:{"name":"y","port":1}': { 'f:image': {} } },
    'f:set': { 'v:"two"': {} },
    'f:places': { 'i:1': {} },
    'f:atomic': {},
    'f:empty': { '.': {} },
  };
  const b = { 'f:list': { 'k:{"name":"y"}': { 'f:port': {} } }, 'f:atomic': { 'f:deep': {} }, 'k:not json': {} };
  const object = widget(spec, { manager: 'a', fieldsV1: { 'f:spec': a } }, { manager: 'b', fieldsV1: { 'f:spec': b } });
  const owned = Array.from(ownedFields(object, object.tree), ({ part, owners }) => {
    return `${part.path} ${owners.map(({ manager }) => manager)}`.trimEnd();
  });
  t.same(
    owned.filter((field) => field.startsWith('spec')),
    [
      'spec.list[x].name',
      'spec.list[x].port',
      'spec.list[x].image a',
      'spec.list[y].name',
      'spec.list[y].port b',
      'spec.list[y].image',
      'spec.set[0]',
      'spec.set[1] a',
      'spec.places[0].q',
      'spec.places[1].q a',
      'spec.atomic.deep.er a,b',
      'spec.empty a',
      'spec.free',
    ],
  );
  t.notOk(owned.some((field) => field.includes('managedFields')));
});
