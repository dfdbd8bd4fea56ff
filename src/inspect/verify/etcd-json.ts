// Reads responses as etcd's client and its gateway write them in JSON: `etcdctl watch -w json`, `curl …/v3/watch`, and
// mvccw's own commands, which follow etcdctl.
//
//   etcdctl   {"Header":{"revision":5},"Events":[{"kv":{…}},{"type":1,"kv":{…}}],"CompactRevision":0,"Canceled":false,…}
//   gateway   {"result":{"header":{"revision":"5"},"events":[{"kv":{…}},{"type":"DELETE","kv":{…}}]}}

import type { KeyValue } from '../../mvcc/key-value.js';
import type { DeliveredEvent } from '../../watch/prev-kv.js';
import {
  badStream,
  byteStringIn,
  bytesIn,
  flagIn,
  int64In,
  type JsonObject,
  numberIn,
  objectOf,
  objectsIn,
} from './json-fields.js';
import type { HiddenEvent, RecordedEvent, RecordedResponse } from './recorded.js';

const DELETES: ReadonlySet<unknown> = new Set([1, 'DELETE']);
const PUTS: ReadonlySet<unknown> = new Set([undefined, 0, 'PUT']);

function readKeyValue(kv: JsonObject): KeyValue {
  return {
    key: byteStringIn(kv, 'key'),
    createRevision: numberIn(kv, 'create_revision'),
    modRevision: numberIn(kv, 'mod_revision'),
    version: numberIn(kv, 'version'),
    value: bytesIn(kv, 'value'),
    lease: int64In(kv, 'lease'),
  };
}

/** Tells whether a value was left out because something in it is secret: mvccw then prints what it is instead. */
const hidesValue = (kv: JsonObject): boolean => kv.decoded !== undefined && kv.value === undefined;

function readEvent(event: JsonObject): RecordedEvent {
  const { type } = event;
  if (!PUTS.has(type) && !DELETES.has(type)) throw badStream('type is neither PUT nor DELETE');
  const kv = objectOf(event.kv, 'kv');
  const before = event.prev_kv === undefined ? undefined : objectOf(event.prev_kv, 'prev_kv');
  const shown: DeliveredEvent = { type: DELETES.has(type) ? 'DELETE' : 'PUT', kv: readKeyValue(kv) };
  const whole = before === undefined ? shown : { ...shown, prevKv: readKeyValue(before) };
  if (!hidesValue(kv) && (before === undefined || !hidesValue(before))) return whole;
  const hides: HiddenEvent['hides'] = [
    ...(hidesValue(kv) ? (['value'] as const) : []),
    ...(before !== undefined && hidesValue(before) ? (['prevValue'] as const) : []),
  ];
  return { hidden: { shown: whole, hides } };
}

/** Tells whether an object is a response of etcd. */
export function isEtcdResponse({ Header, header, result, error }: JsonObject): boolean {
  return Header !== undefined || header !== undefined || result !== undefined || error !== undefined;
}

/** Returns the response and the id of its watch. */
export function readEtcdResponse(object: JsonObject): { readonly response: RecordedResponse; readonly id: number } {
  if (object.error !== undefined) {
    const lost = { via: 'lost', revision: 0, events: [], compactRevision: 0, more: false } as const;
    return { response: lost, id: 0 };
  }
  const body = object.result === undefined ? object : objectOf(object.result, 'result');
  const isClient = body.Header !== undefined;
  const header = objectOf(isClient ? body.Header : (body.header ?? {}), 'header');
  const named = (client: string, message: string): string => (isClient ? client : message);
  const events = objectsIn(body, named('Events', 'events')).map(readEvent);
  const compactRevision = numberIn(body, named('CompactRevision', 'compact_revision'));
  const isCancel = flagIn(body, named('Canceled', 'canceled')) || compactRevision !== 0;
  const isCreated = flagIn(body, named('Created', 'created'));
  return {
    id: isClient ? 0 : numberIn(body, 'watch_id'),
    response: {
      via: isCancel ? 'cancel' : isCreated ? 'created' : events.length === 0 ? 'progress' : 'events',
      revision: numberIn(header, 'revision'),
      events,
      compactRevision,
      more: !isClient && flagIn(body, 'fragment'),
    },
  };
}
