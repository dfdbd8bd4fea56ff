// Says which release a replay behaves as: releases differ in what they deliver, so that no output leaves it out.

import type { EtcdRelease } from '../../replay/releases/etcd-release.js';

/** A line for people, without its newline. */
export function releaseLine({ version }: EtcdRelease): string {
  return `Replayed as etcd ${version}.`;
}
