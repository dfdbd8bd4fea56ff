// Tells which keys a request of a log reads and writes.

import type { KeySpan, Operation } from './log-requests.js';

/** Returns the spans that a request reads, and those that it writes. */
export function spansOf(request: Operation): {
  readonly reads: readonly KeySpan[];
  readonly writes: readonly KeySpan[];
} {
  if (request.kind === 'range') return { reads: [request], writes: [] };
  if (request.kind === 'put')
    return { reads: request.prevKv ? [{ key: request.key }] : [], writes: [{ key: request.key }] };
  if (request.kind === 'deleteRange') return { reads: request.prevKv ? [request] : [], writes: [request] };
  const inner = [...(request.success ?? []), ...(request.failure ?? [])].map(spansOf);
  return {
    reads: [...(request.compare ?? []), ...inner.flatMap(({ reads }) => reads)],
    writes: inner.flatMap(({ writes }) => writes),
  };
}
