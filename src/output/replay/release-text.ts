// Says which release a replay behaves as. Releases differ in what they deliver, so that every output says it.

import type { EtcdRelease } from '../../replay/releases/etcd-release.js';

/** Returns the line for people, without its newline. */
export function releaseLine({ version }: EtcdRelease): string {
  return `Replayed as etcd ${version}.`;
}
