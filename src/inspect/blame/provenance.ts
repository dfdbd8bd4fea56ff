// What is known of where revisions come from.

import type { RevisionOrigin } from '../../wal/origin.js';
import type { LeaseGrant } from './lease-grants.js';
import type { Proposers } from './proposers.js';

export interface Provenance {
  /** Whether there is a log beside the records; without one nobody recorded who wrote. */
  readonly hasLog: boolean;
  /** Returns the entry that a main revision came from; none if that is not known, and several if it is one of them. */
  originsOf(main: number): readonly RevisionOrigin[];
  /** Returns the entry in which a lease was granted; undefined if it is not known, as for an id that a client chose. */
  grantOf(lease: bigint): LeaseGrant | undefined;
  readonly proposers: Proposers;
}
