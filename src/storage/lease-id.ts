// Makes ids for new leases. An etcd server makes them from its member id, the time and a counter. A client chooses them
// at random, and so does mvccw.

import { randomBytes } from 'node:crypto';

/** Returns 63 random bits that are not all 0: the id 0 means "no lease". */
export function newLeaseId(random: (sizeBytes: number) => Buffer = randomBytes): bigint {
  for (;;) {
    const id = random(8).readBigUInt64BE() & 0x7fff_ffff_ffff_ffffn;
    if (id !== 0n) return id;
  }
}
