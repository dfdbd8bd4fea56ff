// The resources of which a history has objects, by the prefixes of their keys: ROOT/RESOURCE/ for what Kubernetes itself
// has, ROOT/GROUP/RESOURCE/ for custom resources and for the groups that manage them. A group has a dot, a resource has
// none.

import { type Bytes, fromUtf8, utf8 } from '../../../bytes/byte-string.js';
import { MvccwError } from '../../../errors.js';
import type { History } from '../../../mvcc/history.js';

/** The resources whose keys have two parts without a group (kubeapiserver/default_storage_factory_builder.go). */
const TWO_PARTS = 'services';

/**
 * The resources that an apiserver keeps out of its watch cache: events (DefaultWatchCacheSizes), and what it writes for
 * itself and only reads.
 */
const NOT_CACHED = new Set(['events', 'masterleases', 'peerserverleases', 'ranges']);

export interface ResourcePrefixes {
  /** The prefix of all keys, with its slash. */
  readonly root: string;
  /** The resources with a watch cache, as RESOURCE or GROUP/RESOURCE, in order. */
  readonly cached: readonly string[];
  /** The others. */
  readonly uncached: readonly string[];
  /** Those of them whose objects lie in namespaces. */
  readonly namespaced: ReadonlySet<string>;
}

const DEFAULT_ROOT = '/registry';

/** Reads all keys of a history. Throws USAGE when no key has the prefix of an apiserver. */
export function resourcePrefixes(
  history: Pick<History, 'records' | 'currentRev'>,
  etcdPrefix = DEFAULT_ROOT,
): ResourcePrefixes {
  const root = utf8(`/${etcdPrefix}/`.replace(/^\/+|\/+$/g, '/'));
  const found = new Set<Bytes>();
  const namespaced = new Set<Bytes>();
  for (const { key } of history.records(0, history.currentRev)) {
    if (!key.startsWith(root)) continue;
    const resource = resourceOf(key as Bytes, root.length);
    if (resource === undefined) continue;
    found.add(resource);
    if (key.indexOf('/', root.length + resource.length + 1) !== -1) namespaced.add(resource);
  }
  if (found.size === 0) {
    throw new MvccwError('USAGE', `the history has no object of Kubernetes below ${fromUtf8(root)}`, {
      hint: '--etcd-prefix names the prefix of the apiserver, which is /registry by default',
    });
  }
  const all = [...found].sort().map(fromUtf8);
  return {
    root,
    cached: all.filter((resource) => !NOT_CACHED.has(resource)),
    uncached: all.filter((resource) => NOT_CACHED.has(resource)),
    namespaced: new Set([...namespaced].map(fromUtf8)),
  };
}

/** Returns the resource of a key that has a name behind it. */
function resourceOf(key: Bytes, from: number): Bytes | undefined {
  const first = key.indexOf('/', from);
  if (first === -1) return undefined;
  const part = key.slice(from, first);
  if (part !== TWO_PARTS && !part.includes('.')) return part as Bytes;
  const second = key.indexOf('/', first + 1);
  return second === -1 ? undefined : (key.slice(from, second) as Bytes);
}

/** The resources that are stored under another name. */
const STORED_AS: Readonly<Record<string, string>> = {
  replicationcontrollers: 'controllers',
  endpoints: 'services/endpoints',
  nodes: 'minions',
  services: 'services/specs',
  'extensions/ingresses': 'ingress',
  'networking.k8s.io/ingresses': 'ingress',
  'policy/podsecuritypolicies': 'podsecuritypolicy',
};

/**
 * Returns whether a group may be one of Kubernetes itself, whose prefixes leave it out: apps, batch, storage.k8s.io.
 * Metrics are served by another server, which keeps nothing.
 */
function isLeftOut(group: string): boolean {
  return !group.includes('.') || (group.endsWith('.k8s.io') && !/(^|\.)metrics\.k8s\.io$/.test(group));
}

/** Returns the resource of the API as its prefix has it; undefined when the history has no object of it. */
export function storedResource(
  { cached, uncached }: ResourcePrefixes,
  group: string,
  resource: string,
): string | undefined {
  const named = group === '' ? resource : `${group}/${resource}`;
  const names = [STORED_AS[named] ?? named, ...(isLeftOut(group) ? [resource] : [])];
  return names.find((one) => cached.includes(one) || uncached.includes(one));
}
