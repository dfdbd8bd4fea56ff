// Reads the lines of `mvccw replay -w json`. With --trace they say what each watcher has asked for, and where it starts.

import { isFilter } from '../../watch/event-filter.js';
import { readEtcdResponse } from './etcd-json.js';
import {
  badStream,
  byteStringIn,
  flagIn,
  type JsonObject,
  numberIn,
  objectOf,
  objectsIn,
  textIn,
} from './json-fields.js';
import type { Place, RecordedItem, RecordedResponse } from './recorded.js';

/** Tells whether an object is a line of a replay. */
export function isReplayLine({ schema, kind }: JsonObject): boolean {
  return schema !== undefined && typeof kind === 'string';
}

const VIAS: Readonly<Record<string, RecordedResponse['via']>> = {
  notify: 'events',
  sync: 'events',
  victim: 'events',
  cancel: 'cancel',
  progress: 'progress',
};

/** Returns what the line says; undefined for a line about something else. */
export function readReplayLine(line: JsonObject, place: Place): RecordedItem | undefined {
  if (line.kind === 'response') return readResponse(line, place);
  const watch = typeof line.watcher === 'string' ? line.watcher : '';
  if (line.kind === 'request') return readRequest(line, place);
  const leaves =
    line.kind === 'group' ? line.because === 'cancelled' : line.kind === 'client' && line.what === 'cancelled';
  if (line.kind === 'action' && line.restored !== undefined) return { kind: 'restored' };
  if (line.kind === 'client' && line.what === 'relisted') {
    return { kind: 'restart', watch, fromRev: numberIn(line, 'startRev') };
  }
  if (leaves) return { kind: 'end', watch, mayListAgain: true };
  if (line.kind === 'group' && line.from === undefined) {
    return { kind: 'start', watch, fromRev: numberIn(line, 'minRev') };
  }
  return undefined;
}

function readRequest(line: JsonObject, place: Place): RecordedItem {
  const startRev = numberIn(line, 'startRev');
  const filters = Array.isArray(line.filters) ? line.filters : [];
  if (!filters.every(isFilter)) throw badStream('filters are not known');
  return {
    kind: 'watch',
    watch: textIn(line, 'watcher'),
    stream: textIn(line, 'stream'),
    request: {
      range: {
        key: byteStringIn(line, 'key'),
        end: line.rangeEnd === undefined ? undefined : byteStringIn(line, 'rangeEnd'),
      },
      startRev: startRev > 0 ? startRev : undefined,
      filters,
      prevKv: flagIn(line, 'prevKv'),
    },
    place,
  };
}

function readResponse(line: JsonObject, place: Place): RecordedItem {
  const via = VIAS[textIn(line, 'via')];
  if (via === undefined) throw badStream('via is not known');
  const { response } = readEtcdResponse(objectOf(line.response, 'response'));
  const [missing] = objectsIn(line, 'missingPrevKvs');
  const windowRev = missing === undefined ? undefined : numberIn(missing, 'compactRev');
  return {
    kind: 'response',
    watch: textIn(line, 'watcher'),
    stream: textIn(line, 'stream'),
    response: { ...response, via, windowRev },
    place,
  };
}
