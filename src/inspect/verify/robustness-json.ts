// Reads the operations that etcd's robustness tests record of a client, a watch each:
//
//   {"Request":{"Key":"","Revision":1,"WithPrefix":true,"WithProgressNotify":true,"WithPrevKV":false},
//    "Responses":[{"Events":[{"Type":"put-operation","Key":"a","Value":{"Value":"1","Hash":0},"Revision":2,
//                             "IsCreate":true,"PrevValue":null}],
//                  "IsProgressNotify":false,"Revision":2,"Time":58403609,"Error":""}]}

import { utf8 } from '../../bytes/byte-string.js';
import { type KeyRange, prefixEnd, WHOLE_KEY_SPACE } from '../../mvcc/key-range.js';
import { badStream, flagIn, type JsonObject, numberIn, objectOf, objectsIn, textIn } from './json-fields.js';
import type { KnownRequest, RecordedResponse, ToldEvent, ToldValue } from './recorded.js';

const TYPES: Readonly<Record<string, ToldEvent['type']>> = { 'put-operation': 'PUT', 'delete-operation': 'DELETE' };

export function readOperationRequest(request: JsonObject): KnownRequest {
  const startRev = numberIn(request, 'Revision');
  return {
    range: rangeOf(textIn(request, 'Key'), flagIn(request, 'WithPrefix')),
    startRev: startRev > 0 ? startRev : undefined,
    filters: [],
    prevKv: flagIn(request, 'WithPrevKV'),
  };
}

function rangeOf(keyText: string, withPrefix: boolean): KeyRange {
  if (keyText.includes('\ufffd')) throw badStream('Key holds bytes that are lost: U+FFFD stands for them');
  const key = utf8(keyText);
  if (!withPrefix) return { key };
  return key === '' ? WHOLE_KEY_SPACE : { key, end: prefixEnd(key) };
}

export function readOperationResponse(response: JsonObject): RecordedResponse {
  const events = objectsIn(response, 'Events').map((event) => ({ told: readEvent(event) }));
  const isProgress = flagIn(response, 'IsProgressNotify');
  const hasFailed = textIn(response, 'Error') !== '';
  const via = isProgress ? 'progress' : events.length > 0 ? 'events' : hasFailed ? 'cancel' : 'created';
  return { via, revision: numberIn(response, 'Revision'), events, compactRevision: 0, more: false };
}

/** Reads an event. Earlier releases of the tests have type, key and value in an object of their own. */
function readEvent(event: JsonObject): ToldEvent {
  const what = objectOf(event.Op ?? event.Event ?? event, 'Event');
  const type = TYPES[textIn(what, 'Type')];
  if (type === undefined) throw badStream('Type is neither put-operation nor delete-operation');
  const { PrevValue: before } = event;
  return {
    type,
    keyText: textIn(what, 'Key'),
    revision: numberIn(event, 'Revision'),
    isCreate: flagIn(event, 'IsCreate'),
    value: readValue(what.Value),
    before: before === undefined || before === null ? undefined : readBefore(objectOf(before, 'PrevValue')),
  };
}

function readBefore(before: JsonObject): ToldEvent['before'] {
  return {
    value: readValue(before.Value),
    modRevision: numberIn(before, 'ModRevision'),
    version: numberIn(before, 'Version'),
  };
}

function readValue(value: unknown): ToldValue {
  const object = value === undefined || value === null ? {} : objectOf(value, 'Value');
  return { text: textIn(object, 'Value'), hash: numberIn(object, 'Hash') };
}
