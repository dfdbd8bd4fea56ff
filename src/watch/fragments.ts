// This file cuts a response that is too large for one message, as sendFragments in etcd's v3rpc/watch.go does. A
// message takes events as long as it stays below the limit, and always one. The cut may go through a revision.
//
//   events of revision   5 5 6 6 6 7 8 8
//   messages             5 5 6 │ 6 6 7 │ 8 8

import type { DeliveredEvent } from './prev-kv.js';
import { eventBytes, FRAGMENT_BYTES, headBytes } from './response-size.js';

interface Response {
  readonly watchId: number;
  readonly revision: number;
  readonly events: readonly DeliveredEvent[];
}

/** Returns the events of each message, in order. A response that is small enough is one message. */
export function fragmentsOf(response: Response, maxMessageBytes: number): (readonly DeliveredEvent[])[] {
  const { events } = response;
  const sizes = events.map(eventBytes);
  const head = headBytes(response.watchId, response.revision);
  const total = sizes.reduce((sum, bytes) => sum + bytes, head);
  if (total < maxMessageBytes || events.length < 2) return [events];
  const messages: DeliveredEvent[][] = [];
  let message: DeliveredEvent[] = [];
  let messageBytes = head + FRAGMENT_BYTES;
  for (const [i, event] of events.entries()) {
    if (message.length > 0 && messageBytes + sizes[i]! >= maxMessageBytes) {
      messages.push(message);
      message = [];
      messageBytes = head + FRAGMENT_BYTES;
    }
    message.push(event);
    messageBytes += sizes[i]!;
  }
  return [...messages, message];
}
