// These checks hold an event against what its key was one revision before. Each returns undefined when the guarantee
// holds; else a function that says what is wrong.

import type { DeliveredEvent } from '../run/trace.js';
import { digestOf } from './event-digest.js';
import { ABSENT, type Prior, UNKNOWABLE } from './history-chunk.js';
import type { HistoryChunks } from './history-chunks.js';
import { describeEvent, firstDifference, type Wrong } from './violation.js';

function isCreation({ type, kv }: DeliveredEvent): boolean {
  return type === 'PUT' && kv.createRevision === kv.modRevision;
}

export function wrongCreation(event: DeliveredEvent, prior: Prior, chunks: HistoryChunks): (() => Wrong) | undefined {
  const creation = isCreation(event);
  if (prior === UNKNOWABLE || creation === (prior === ABSENT) || changesTwice(event, chunks)) return undefined;
  const before = event.kv.modRevision - 1;
  return () => ({
    because: creation
      ? `it is a creation, but the key was there at ${before}`
      : `it is no creation, but the key was absent at ${before}`,
    expected: creation ? 'no creation' : 'a creation',
    found: describeEvent(event),
  });
}

/**
 * Differs from etcd: where one transaction has changed a key more than once, which only the store allows and not etcd's
 * API, one revision before is not just before the event, and says nothing about it.
 */
function changesTwice({ kv: { key, modRevision } }: DeliveredEvent, chunks: HistoryChunks): boolean {
  let changes = 0;
  for (const record of chunks.history.records(modRevision, modRevision)) if (record.key === key) changes++;
  return changes > 1;
}

/**
 * Checks the previous value. The put that creates a key has none, as etcd's server does it. `compactRev` is where the
 * window began when the value was looked up.
 */
export function wrongPrevious(
  event: DeliveredEvent,
  prior: Prior,
  chunks: HistoryChunks,
  compactRev: number,
): (() => Wrong) | undefined {
  const { prevKv, kv } = event;
  if (prior === UNKNOWABLE) return undefined;
  const before = kv.modRevision - 1;
  if (prevKv === undefined) {
    if (isCreation(event) || prior === ABSENT || before < compactRev) return undefined;
  } else if (digestOf('PUT', prevKv) === prior) {
    return undefined;
  }
  return () => {
    const found = prevKv && ({ type: 'PUT', kv: prevKv } as const);
    const record = chunks.recordBefore(kv.key, kv.modRevision);
    const expected = record === undefined || record === 'lost' ? undefined : ({ type: 'PUT', kv: record } as const);
    const difference = expected && found && firstDifference(expected, found);
    const texts = {
      expected: expected === undefined ? 'none' : describeEvent(expected),
      found: found === undefined ? 'none' : describeEvent(found),
    };
    const because =
      difference === undefined
        ? `the previous value is ${texts.found}, at ${before} it was ${texts.expected}`
        : `the previous value's ${difference.field} is ${difference.found}, at ${before} it was ${difference.expected}`;
    return { because, ...texts };
  };
}
