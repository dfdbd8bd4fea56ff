// Makes the messages of etcd's API as `etcdctl -w json` prints them. Zero fields are left out, and so are the fields
// that only a cluster has (cluster, member and raft ids in the header).

import { base64 } from '../../bytes/byte-string.js';
import type { KeyValue } from '../../mvcc/key-value.js';
import type { EventName } from '../../replay/run/event-name.js';
import type { DeliveredEvent, Delivery } from '../../replay/run/trace.js';
import { toJson } from './json.js';

export function headerJson(revision: number): object {
  return { revision: revision || undefined };
}

export function keyValueJson(kv: KeyValue): object {
  return {
    key: kv.key === '' ? undefined : base64(kv.key),
    create_revision: kv.createRevision || undefined,
    mod_revision: kv.modRevision || undefined,
    version: kv.version || undefined,
    value: kv.value.length === 0 ? undefined : kv.value,
    lease: kv.lease === 0n ? undefined : kv.lease,
  };
}

/** Returns what identifies an event. */
export function eventNameJson({ key, revision }: EventName): object {
  return { key: base64(key), revision };
}

export function eventJson({ type, kv, prevKv }: DeliveredEvent): object {
  return {
    type: type === 'DELETE' ? 1 : undefined,
    kv: keyValueJson(kv),
    prev_kv: prevKv === undefined ? undefined : keyValueJson(prevKv),
  };
}

/** Yields one printed line of `etcdctl watch -w json` in pieces, without its newline. */
export function* watchResponsePieces({
  revision,
  compactRevision,
  events,
}: Pick<Delivery, 'revision' | 'compactRevision' | 'events'>): Iterable<string> {
  yield `{"Header":${toJson(headerJson(revision))},"Events":[`;
  for (const [i, event] of events.entries()) yield `${i === 0 ? '' : ','}${toJson(eventJson(event))}`;
  const end = { CompactRevision: compactRevision, Canceled: compactRevision !== 0, Created: false };
  yield `],${toJson(end).slice(1)}`;
}
