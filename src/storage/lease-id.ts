// Ids for new leases. etcd's server makes them of its member id, the time and a counter; a client chooses them at
// random, as here.

import { randomBytes } from 'node:crypto';

/** 63 random bits, not 0, which means "no lease". */
export function newLeaseId(random: (sizeBytes: number) => Buffer = randomBytes): bigint {
  for (;;) {
    const id = random(8).readBigUInt64BE() & 0x7fff_ffff_ffff_ffffn;
    if (id !== 0n) return id;
  }
}
