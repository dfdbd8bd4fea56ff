// Computes the digest by which an apiserver compares its watch cache with etcd, for a resource at a revision.

import { fromUtf8, utf8 } from '../bytes/byte-string.js';
import { quoteKey } from '../bytes/key-text.js';
import { MvccwError } from '../errors.js';
import { type ObjectIdentity, wholeIdentity } from '../kube/identity.js';
import { ObjectDigest } from '../kube/object-digest.js';
import { isOwnKey, placeOf } from '../kube/object-key.js';
import { prefixEnd } from '../mvcc/key-range.js';
import type { KeyValue } from '../mvcc/key-value.js';
import type { StoreReader } from '../mvcc/store.js';
import { misplacedObject, unreadableObject } from './check/check-objects.js';
import type { Finding } from './check/finding.js';

export interface KubeDigest {
  /** What the keys of the resource begin with. */
  readonly prefix: string;
  readonly revision: number;
  readonly objects: number;
  /** The objects that are encrypted: their namespaces and names are taken from their keys. */
  readonly encrypted: number;
  /** The digest of a list from etcd; undefined if some of it cannot be read, as an apiserver cannot list it then. */
  readonly etcdDigest: string | undefined;
  /** The digest of a watch cache that is filled from this list: it has one object for each namespace and name. */
  readonly cacheDigest: string | undefined;
}

/** A listed object. */
interface Listed extends Pick<ObjectIdentity, 'namespace' | 'name'> {
  readonly key: string;
  /** The key that it has by its namespace and name. */
  readonly own: string;
  readonly identity: ObjectIdentity | 'encrypted';
  readonly modRevision: number;
}

/**
 * Yields what is wrong with the objects whose keys begin with `prefix`, and returns their digest at `rev`, 0 being the
 * newest. Throws COMPACTED and FUTURE_REVISION as reads do, and USAGE if they are not those of one resource.
 */
export function* kubeDigest(store: StoreReader, prefix: string, rev: number): Generator<Finding, KubeDigest> {
  const records = () => store.recordsAt({ key: prefix, end: prefixEnd(prefix) }, rev);
  const etcd = new ObjectDigest();
  const strangers = new Map<string, Listed>();
  let kind: string | undefined;
  let [objects, encrypted, unreadable] = [0, 0, 0];
  for (const kv of records()) {
    const object = listed(kv, prefix);
    if (object === undefined) {
      unreadable++;
      yield unreadableObject(kv.key, kv.modRevision);
      continue;
    }
    objects++;
    etcd.add(object, object.modRevision);
    const { identity } = object;
    if (identity === 'encrypted') {
      encrypted++;
      continue;
    }
    kind ??= identity.kind;
    if (identity.kind !== kind) throw severalKinds(prefix, kind, identity.kind);
    if (object.own === object.key) continue;
    // Of two objects with one name, a cache keeps the one that is listed last.
    strangers.set(object.own, object);
    yield misplacedObject(object.key, identity, kv.modRevision);
  }
  const result = { prefix, revision: rev === 0 ? store.currentRev : rev, objects, encrypted };
  if (unreadable > 0) return { ...result, etcdDigest: undefined, cacheDigest: undefined };
  const cache = strangers.size === 0 ? etcd : cacheDigest(records(), prefix, strangers);
  return { ...result, etcdDigest: etcd.toString(), cacheDigest: cache.toString() };
}

/** Returns what a list has of a record; undefined if it is no object. Throws USAGE if the prefix is too short. */
function listed({ key, value, modRevision }: KeyValue, prefix: string): Listed | undefined {
  const identity = wholeIdentity(value);
  if (identity === undefined) return undefined;
  if (identity === 'encrypted') {
    const parts = fromUtf8(key.slice(prefix.length)).split('/');
    if (parts.length > 2) throw tooShort(prefix, key);
    const [name = '', namespace = ''] = parts.reverse();
    return { namespace, name, key, own: key, identity, modRevision };
  }
  const { namespace, name } = identity;
  const own = name === '' ? key : prefix + utf8(placeOf(identity));
  if (own !== key && isOwnKey(key, identity)) throw tooShort(prefix, key);
  return { namespace, name, key, own, identity, modRevision };
}

/** Returns the digest of the objects as a cache has them: in the order of their own keys, each of which is there once. */
function cacheDigest(
  records: Iterable<KeyValue>,
  prefix: string,
  strangers: ReadonlyMap<string, Listed>,
): ObjectDigest {
  const digest = new ObjectDigest();
  const add = (object: Listed) => digest.add(object, object.modRevision);
  const waiting = [...strangers.values()].sort((a, b) => (a.own < b.own ? -1 : 1));
  for (const kv of records) {
    const object = listed(kv, prefix)!;
    if (object.own !== object.key) continue;
    while (waiting.length > 0 && waiting[0]!.own < object.key) add(waiting.shift()!);
    const rival = waiting[0]?.own === object.key ? waiting.shift() : undefined;
    add(rival !== undefined && rival.key > object.key ? rival : object);
  }
  waiting.forEach(add);
  return digest;
}

const ONE_RESOURCE =
  'give the beginning of the keys of one resource, as /registry/pods/ or /registry/example.com/widgets/';

function severalKinds(prefix: string, first: string, second: string): MvccwError {
  return new MvccwError('USAGE', `${quoteKey(prefix)} has objects of several kinds: ${first} and ${second}`, {
    hint: ONE_RESOURCE,
  });
}

function tooShort(prefix: string, key: string): MvccwError {
  return new MvccwError(
    'USAGE',
    `${quoteKey(prefix)} is not followed by namespace and name: there is ${quoteKey(key)}`,
    {
      hint: ONE_RESOURCE,
    },
  );
}
