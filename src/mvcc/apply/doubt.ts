// What the log alone does not decide: whether the member refused a request. Each kind has the rule that etcd follows, as
// far as it is known, and what the rule hangs on that is not in the log.

export const DOUBTS = {
  'revision of a get':
    'up to 3.6, a get in a transaction at a revision that cannot be read refuses it only on the member that was asked, and not when that member applies its log again after a restart',
  'right to a get':
    'up to 3.6, the right to a get in a transaction is checked only by the member that was asked, and not when that member applies its log again after a restart',
  'rights under an alarm':
    'up to 3.5, rights are not checked while an alarm is on, unless the server was restarted since it was raised',
  'rights in a nested transaction':
    'rights to what a nested transaction does are checked from 3.4.42, 3.5.28 and 3.6.9 on',
  'rights to more than the key of a put':
    'rights to the keys of its lease and to its previous value are checked for a put in a transaction from 3.4.44, 3.5.30 and 3.6.11 on',
  'puts in a nested transaction':
    'under a NOSPACE alarm, a transaction whose only puts are in nested ones is refused from 3.5.33, 3.6.14 and 3.7.1 on',
  'right to a reversed range':
    'whether a user has the right to a range that ends before it begins depends on the order in which etcd keeps its permissions in memory',
  'permission for an empty range':
    'up to 3.4.24 and 3.5.7, a role is granted a permission for a range without keys, which raises the auth revision',
  'kind of request': 'a request of a kind that is not known may change keys',
  'users and roles':
    'a request was made under a newer auth revision than the log has come to: users and roles may be others than here',
} as const;

/** The doubts that hang on the release alone: what holds for one entry holds for all, unless the server was upgraded. */
export const RELEASE_DOUBTS: ReadonlySet<DoubtKind> = new Set([
  'rights in a nested transaction',
  'rights to more than the key of a put',
  'puts in a nested transaction',
  'permission for an empty range',
]);

/** The doubts that no decision about their entry can end. */
export const LASTING_DOUBTS: ReadonlySet<DoubtKind> = new Set(['kind of request', 'users and roles']);

export type DoubtKind = keyof typeof DOUBTS;

/** An entry whose effect the log alone does not decide. */
export interface Doubt {
  readonly index: number;
  readonly kind: DoubtKind;
  /** The first revision that hangs on it. Those behind it do too. */
  readonly revision: number;
  /** The last revision that hangs on it: from the next one on, the state is known from a database. All, if undefined. */
  readonly until?: number | undefined;
  /** What the effect hangs on: a sentence. */
  readonly reason: string;
  /** What was done with the entry here. */
  readonly followed: 'applied' | 'refused';
  /** The log decides if it proves what came of the entry, and the database if it contradicts what else could have. */
  readonly decidedBy: 'rule' | 'log' | 'database';
  /** What leaves no other way: what was decided of an earlier entry (see own-doubts.ts), or the log. */
  readonly bond?: 'earlier' | 'log' | undefined;
}
