// Makes the messages of etcd's API as `etcdctl -w json` prints them. Zero fields are left out, and so are the fields
// that only a cluster has (cluster, member and raft ids in the header).

import { base64, utf8 } from '../../bytes/byte-string.js';
import type { KeyValue } from '../../mvcc/key-value.js';
import type { Exceeded } from '../../replay/findings/limits.js';
import type { EventName } from '../../replay/run/event-name.js';
import type { DeliveredEvent, Delivery } from '../../replay/run/trace.js';
import type { ValueTeller } from '../kube/value-teller.js';
import { toJson } from './json.js';

export function headerJson(revision: number): object {
  return { revision: revision || undefined };
}

/** Returns a record. With a teller it has `decoded`, and no `value` if something in it is secret. */
export function keyValueJson(kv: KeyValue, decoding?: ValueTeller): object {
  const { value, decoded } = kv.value.length === 0 ? {} : toldValue(kv, decoding);
  return {
    key: kv.key === '' ? undefined : base64(kv.key),
    create_revision: kv.createRevision || undefined,
    mod_revision: kv.modRevision || undefined,
    version: kv.version || undefined,
    value,
    lease: kv.lease === 0n ? undefined : kv.lease,
    decoded,
  };
}

function toldValue({ key, value }: KeyValue, decoding: ValueTeller | undefined): ReturnType<ValueTeller['json']> {
  return decoding?.json(key, value) ?? { value };
}

/** Returns what identifies an event. */
export function eventNameJson({ key, revision }: EventName): object {
  return { key: base64(key), revision };
}

/** Returns a limit that was exceeded. */
export function exceededJson({ event, ...exceeded }: Exceeded): object {
  return { ...exceeded, event: event && eventNameJson(event) };
}

export function eventJson({ type, kv, prevKv }: DeliveredEvent, decoding?: ValueTeller): object {
  return {
    type: type === 'DELETE' ? 1 : undefined,
    kv: keyValueJson(kv, decoding),
    prev_kv: prevKv === undefined ? undefined : keyValueJson(prevKv, decoding),
  };
}

/** Yields one printed line of `etcdctl watch -w json` in pieces, without its newline. */
export function* watchResponsePieces(
  { revision, compactRevision, events }: Pick<Delivery, 'revision' | 'compactRevision' | 'events'>,
  decoding?: ValueTeller,
): Iterable<string> {
  yield `{"Header":${toJson(headerJson(revision))},"Events":[`;
  for (const [i, event] of events.entries()) yield `${i === 0 ? '' : ','}${utf8(toJson(eventJson(event, decoding)))}`;
  const end = { CompactRevision: compactRevision, Canceled: compactRevision !== 0, Created: false };
  yield `],${toJson(end).slice(1)}`;
}
