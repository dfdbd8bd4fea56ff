// The watchers that an apiserver has, and those of its clients, as far as they follow from a history and from what the
// apiserver or etcd have written down. Each resource has a client of etcd of its own (kubernetes #111622), and so a
// stream of its own: etcd's client gathers on one stream the watches whose contexts have the same metadata.

import { utf8 } from '../../../bytes/byte-string.js';
import { prefixEnd } from '../../../mvcc/key-range.js';
import type { WatchSpec } from '../../../requests/watch-spec.js';
import { MAX_CACHE_CLIENTS } from '../../run/bounds.js';
import type { Action, CacheClientPlan } from '../../run/replay-options.js';
import { CLIENTS } from '../../run/replay-options.js';
import { checkTotal } from '../check-total.js';
import type { GivenStream } from '../given-stream.js';
import type { AuditedWatch } from './audit-line.js';
import type { MetricCounts } from './metric-counts.js';
import { type ResourcePrefixes, storedResource } from './resource-prefixes.js';

/** Progress by interval is asked for from this release on (EfficientWatchResumption). */
const PROGRESS_SINCE = 21;
/** From this release on, a watch without a resourceVersion is of the cache too (WatchFromStorageWithoutResourceVersion). */
const ALL_CACHED_SINCE = 27;

export interface DerivedWatchers {
  readonly watchers: readonly WatchSpec[];
  readonly streams: ReadonlyMap<string, GivenStream>;
  readonly actions: readonly Action[];
  readonly hints: readonly string[];
}

export interface WatchersFrom {
  readonly prefixes: ResourcePrefixes;
  /** The release of the apiserver, 1.`minor`; undefined for the newest. */
  readonly minor: number | undefined;
  readonly audited: readonly AuditedWatch[];
  readonly counts: readonly MetricCounts[];
}

/** Where a replay begins. */
export interface ReplayStart {
  /** The revision of the lists. */
  readonly listRev: number;
  /** The time of its beginning, in µs since 1970; undefined when it has none. */
  readonly startUs: number | undefined;
}

/** Returns the watchers of an apiserver that has listed where the replay starts. */
export function derivedWatchers(from: WatchersFrom, start: ReplayStart): DerivedWatchers {
  const { prefixes, minor = Number.POSITIVE_INFINITY, audited, counts } = from;
  const startRev = start.listRev + 1;
  const clients = new Map(prefixes.cached.map((resource) => [resource, [] as CacheClientPlan[]]));
  const hints: string[] = [];
  const direct: Action[] = [];
  if (audited.length > 0) {
    const placed = placeAudited(audited, { prefixes, minor }, start, clients);
    direct.push(...placed.actions);
    hints.push(...placed.hints);
  }
  for (const count of counts) hints.push(...placeCounts(count, prefixes, clients));
  const watchers = prefixes.cached.map(
    (resource): WatchSpec => ({
      name: resource,
      ...prefixRange(prefixes, resource),
      startRev,
      filters: [],
      prevKv: true,
      ...(minor >= PROGRESS_SINCE && { progressNotify: true }),
    }),
  );
  const streams = [...clients].map(([resource, plans]): [string, GivenStream] => [
    resource,
    { client: CLIENTS.apiserverCache, cache: { clients: plans } },
  ]);
  return {
    watchers,
    streams: new Map(streams),
    actions: direct,
    hints: [...whatIsLeftOut(prefixes, audited), ...hints],
  };
}

function prefixRange(
  { root }: ResourcePrefixes,
  ...parts: readonly string[]
): { readonly key: string; readonly end: string } {
  const key = `${root}${parts.map((part) => `${utf8(part)}/`).join('')}`;
  return { key, end: prefixEnd(key) };
}

function whatIsLeftOut({ uncached }: ResourcePrefixes, audited: readonly AuditedWatch[]): string[] {
  if (audited.length > 0 || !uncached.includes('events')) return [];
  return [
    'events have no watch cache: each client that watches them has a watch of etcd, and a history does not say how many; an audit log does',
  ];
}

interface Placed {
  readonly actions: readonly Action[];
  readonly hints: readonly string[];
}

/** Makes clients of the caches of the watches in an audit log, and watchers of etcd where there is no cache. */
function placeAudited(
  audited: readonly AuditedWatch[],
  { prefixes, minor }: { readonly prefixes: ResourcePrefixes; readonly minor: number },
  { startUs }: ReplayStart,
  clients: ReadonlyMap<string, CacheClientPlan[]>,
): Placed {
  const zeroUs = startUs ?? audited.reduce((first, { fromUs }) => Math.min(first, fromUs), Number.POSITIVE_INFINITY);
  const actions: Action[] = [];
  const numbers = new Map<string, number>();
  let [unknown, over, partly] = [0, 0, 0];
  for (const watch of audited) {
    const resource = storedResource(prefixes, watch.group, watch.resource);
    if (resource === undefined) {
      unknown++;
      continue;
    }
    if (watch.untilUs !== undefined && watch.untilUs <= zeroUs) {
      over++;
      continue;
    }
    if (watch.selects || isInAllNamespaces(watch, prefixes, resource)) partly++;
    const base = `${watch.user} ${resource}`;
    const number = (numbers.get(base) ?? 0) + 1;
    numbers.set(base, number);
    const isEarlier = watch.fromUs < zeroUs;
    const place = {
      name: `${watch.user} #${number}`,
      range: rangeOf(watch, prefixes, resource),
      atUs: Math.max(Math.round(watch.fromUs - zeroUs), 0),
      untilUs: watch.untilUs === undefined ? undefined : Math.round(watch.untilUs - zeroUs),
      // One that was there before the replay has seen what was there at its beginning.
      startRev: isEarlier || watch.resourceVersion === undefined ? undefined : watch.resourceVersion + 1,
    };
    const caches = clients.get(resource);
    const isDirect = caches === undefined || (watch.isUnset && minor < ALL_CACHED_SINCE);
    if (isDirect) actions.push(...directWatch(place, resource));
    else caches.push({ ...place, consumer: { pace: 'atOnce' }, channel: undefined, reconnectAfterUs: 0 });
  }
  return {
    actions,
    hints: [
      `the audit log has ${audited.length} watches of the apiserver: they are clients of its caches, and are played as if each read at once, since the log does not say how fast they did`,
      ...(startUs === undefined ? ['time 0 is the first watch of the audit log; with --arrivals, it has a date'] : []),
      ...(unknown > 0 ? [`of these, ${unknown} left out: the history has no objects of their resources`] : []),
      ...(over > 0 ? [`of these, ${over} left out: they were over when the replay begins`] : []),
      ...(partly > 0 ? [`of these, ${partly} played as if they selected all: they select by labels or fields`] : []),
      ...(actions.length > 0
        ? ['watches that no cache serves are watches of etcd, on the stream of their resource']
        : []),
    ],
  };
}

type Place = Pick<CacheClientPlan, 'name' | 'atUs' | 'untilUs' | 'startRev'> & {
  readonly range: { readonly key: string; readonly end?: string };
};

function directWatch({ name, range, atUs, untilUs, startRev }: Place, resource: string): Action[] {
  const watcher: WatchSpec = {
    name: `${resource} ${name}`,
    ...range,
    startRev: startRev ?? 0,
    filters: [],
    prevKv: true,
    stream: resource,
  };
  return [
    { atUs, action: 'watch', watcher },
    ...(untilUs === undefined ? [] : [{ atUs: untilUs, action: 'cancel', watcher: watcher.name } as const]),
  ];
}

/** Returns whether a watch is of one name in all namespaces, which is no range of keys. */
const isInAllNamespaces = ({ namespace, name }: AuditedWatch, { namespaced }: ResourcePrefixes, resource: string) =>
  name !== undefined && namespace === undefined && namespaced.has(resource);

function rangeOf(watch: AuditedWatch, prefixes: ResourcePrefixes, resource: string) {
  const { namespace, name } = watch;
  const inNamespace = namespace === undefined ? [] : [namespace];
  const range = prefixRange(prefixes, resource, ...inNamespace);
  return name === undefined || isInAllNamespaces(watch, prefixes, resource)
    ? range
    : { key: `${range.key}${utf8(name)}` };
}

/** Makes clients of the counts of an apiserver, and tells what the counts of etcd say. */
function placeCounts(
  { path, watches, etcd }: MetricCounts,
  prefixes: ResourcePrefixes,
  clients: ReadonlyMap<string, CacheClientPlan[]>,
): string[] {
  const hints: string[] = [];
  let [placed, unknown] = [0, 0];
  for (const { group, resource, count } of watches) {
    const stored = storedResource(prefixes, group, resource);
    const plans = stored === undefined ? undefined : clients.get(stored);
    if (plans === undefined) {
      unknown += count;
      continue;
    }
    placed += count;
    checkTotal(placed, MAX_CACHE_CLIENTS, 'clients of watch caches');
    for (let i = 0; i < count; i++) {
      plans.push({
        name: `${resource} #${plans.length + 1}`,
        range: undefined,
        atUs: 0,
        untilUs: undefined,
        startRev: undefined,
        consumer: { pace: 'atOnce' },
        channel: undefined,
        reconnectAfterUs: 0,
      });
    }
  }
  if (watches.length > 0) {
    hints.push(
      `${path} counts ${placed + unknown} watches of the apiserver, of which ${placed} are played, each of its whole resource and as if it read at once: counts say no more`,
    );
  }
  if (etcd !== undefined) {
    const { watchers, streams, slow } = etcd;
    hints.push(
      `${path} counts ${watchers} watchers of etcd on ${streams ?? 'uncounted'} streams${slow ? `, ${slow} of them not synced` : ''}; the resources of the history make ${prefixes.cached.length} on as many streams for each apiserver, and which the others are, counts do not say`,
    );
  }
  return hints;
}
