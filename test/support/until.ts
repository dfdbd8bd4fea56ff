// This module is how tests wait: for a condition, never for a fixed time.

import { setTimeout as sleep } from 'node:timers/promises';

/** The limit is far above what anything takes, even on a busy machine. */
const PATIENCE_MS = 60_000;
const POLL_MS = 5;

/** Resolves when the condition holds. Throws an error with the text of `failure` after a minute. */
export async function until(holds: () => boolean, failure = () => `never true: ${holds}`): Promise<void> {
  for (const end = Date.now() + PATIENCE_MS; !holds(); await sleep(POLL_MS)) {
    if (Date.now() > end) throw new Error(failure());
  }
}
