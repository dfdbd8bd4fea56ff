// What came of each entry of the log: the revision that it made, or why it made none.

import { NumberColumn } from '../../adt/number-column.js';

/** Why an entry made no revision. `refused` tells that the server answered with an error. */
interface Reason {
  readonly text: string;
  readonly refused: boolean;
}

const REASONS = {
  revision: { text: '', refused: false },
  'no-op': { text: 'no-op of a new leader', refused: false },
  configuration: { text: 'change of the members', refused: false },
  v2: { text: 'v2 request', refused: false },
  unknown: { text: 'request of an unknown kind', refused: false },
  'changes no key': { text: 'changes no key', refused: false },
  'nothing matched': { text: 'nothing matched', refused: false },
  'nothing changed': { text: 'nothing changed', refused: false },
  'no keys attached': { text: 'no keys attached', refused: false },
  NOSPACE: { text: 'NOSPACE', refused: true },
  CORRUPT: { text: 'CORRUPT', refused: true },
  'key not found': { text: 'key not found', refused: true },
  'lease not found': { text: 'lease not found', refused: true },
  'lease exists': { text: 'lease exists', refused: true },
  'TTL too large': { text: 'TTL too large', refused: true },
  compacted: { text: 'revision has been compacted', refused: true },
  'future revision': { text: 'revision is in the future', refused: true },
  'permission denied': { text: 'permission denied', refused: true },
  'no user': { text: 'user name is empty', refused: true },
  'old auth revision': { text: 'revision in header is old', refused: true },
  'auth refused': { text: 'change of users or roles refused', refused: true },
} as const satisfies Record<string, Reason>;

export type ReasonName = keyof typeof REASONS;

const NAMES = Object.keys(REASONS) as ReasonName[];
const CODES = new Map(NAMES.map((name, code) => [name, code]));

/** What came of an entry. */
export type Outcome =
  | { readonly revision: number; readonly reason?: undefined; readonly refused?: undefined }
  | { readonly revision?: undefined; readonly reason: string; readonly refused: boolean };

/** Why entries made no revision: a byte an entry. */
export class Reasons {
  private readonly codes = new NumberColumn(Uint8Array);

  set(row: number, name: ReasonName): void {
    this.codes.set(row, CODES.get(name)!);
  }

  at(row: number): Reason {
    return REASONS[NAMES[this.codes.at(row)]!];
  }
}
