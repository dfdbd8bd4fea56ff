// Notes in a database that it was salvaged, where its answers may not be all of the truth. Whoever reads it is told.

import type { Backend, ReadBackend } from '../mvcc/backend.js';

const SALVAGED_KEY = Buffer.from('mvccw.salvaged');

/** Notes the doubts. Call it inside a write transaction. */
export function noteSalvage(backend: Backend, doubts: string): void {
  backend.tables.meta.put(SALVAGED_KEY, Buffer.from(doubts));
}

/** Returns the doubts; undefined if there are none. */
export function salvageDoubts(backend: ReadBackend): string | undefined {
  return backend.tables.meta.get(SALVAGED_KEY)?.toString();
}
