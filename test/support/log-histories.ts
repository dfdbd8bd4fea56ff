// This module draws histories of requests, and writes each as a log, with all that real logs have beside requests. The
// plain model says what the log comes to.

import fc from './fast-check.js';
import { LogModel, type ModelOutcome } from './log-model.js';
import {
  type Comparison,
  encodeLogRequest,
  encodeV2Request,
  type KeySpan,
  type Operation,
  PERMISSIONS,
  type PutWanted,
  type TxnWanted,
  type WantedRequest,
} from './log-requests.js';
import { type LogEntry, LogWriter, type Segment } from './write-log.js';

const NODE_ID = 0x8e9e05c52164694dn;
const OTHER_NODE_ID = 0x55209a07e772ae46n;
const START_MS = 0x19ac_0000_00n;

/** What lies in a log beside requests. */
const FURNITURE = ['noop', 'confChange', 'v2', 'cut', 'snapshot', 'newTerm'] as const;

type Step =
  | {
      readonly request: WantedRequest;
      /** Whether the member whose log it is was asked. */
      readonly isOwn: boolean;
      readonly user: string;
      /** By how many revisions of the users the request is late. */
      readonly lag: number;
    }
  | { readonly furniture: (typeof FURNITURE)[number] }
  /** Entries that are overwritten by what follows. */
  | { readonly overwritten: readonly WantedRequest[] };

export interface LogHistory {
  readonly steps: readonly Step[];
  readonly uncommitted: readonly WantedRequest[];
}

const KEYS = ['a', 'a\0', 'b', 'c/1', 'c/2', 'd', '\xe9', '\xff'];
const LEASES = [1n, 7n, 2n ** 62n];
const key = fc.constantFrom(...KEYS);
const value = fc.constantFrom('', 'v', 'w', '\0\xff');

const span: fc.Arbitrary<KeySpan> = fc.oneof(
  { weight: 3, arbitrary: key.map((one) => ({ key: one })) },
  fc.record({ key, end: fc.constantFrom(...KEYS, '', 'c0') }),
);

const put: fc.Arbitrary<PutWanted> = fc
  .record({
    key,
    value,
    lease: fc.oneof({ weight: 4, arbitrary: fc.constant(0n) }, fc.constantFrom(...LEASES)),
    prevKv: fc.boolean(),
    ignoring: fc.oneof({ weight: 5, arbitrary: fc.constant('') }, fc.constantFrom('value', 'lease', 'both')),
  })
  .map(({ ignoring, value: given, lease, ...rest }) => {
    const [ignoreValue, ignoreLease] = [['value', 'both'].includes(ignoring), ['lease', 'both'].includes(ignoring)];
    return {
      kind: 'put',
      ...rest,
      value: ignoreValue ? '' : given,
      lease: ignoreLease ? 0n : lease,
      ignoreValue,
      ignoreLease,
    };
  });

const deleteRange: fc.Arbitrary<Operation> = fc
  .tuple(span, fc.boolean())
  .map(([one, prevKv]) => ({ kind: 'deleteRange', ...one, prevKv }));

/** Revisions of which many are compacted or in the future. */
const revision = fc.nat(30);

const range: fc.Arbitrary<Operation> = fc
  .tuple(span, fc.oneof(fc.constant(0), revision))
  .map(([one, rev]) => ({ kind: 'range', ...one, revision: rev }));

const comparison: fc.Arbitrary<Comparison> = fc
  .tuple(
    span,
    fc.constantFrom('=', '>', '<', '!=' as const),
    fc.oneof(
      fc.record({ target: fc.constantFrom('version', 'create', 'mod', 'lease' as const), than: fc.bigInt(0n, 8n) }),
      fc.record({ target: fc.constant('value' as const), than: value }),
    ),
  )
  .map(([one, result, rest]) => ({ ...one, result, ...rest }) as Comparison);

const txn: fc.Arbitrary<TxnWanted> = fc.letrec<{ txn: TxnWanted; operation: Operation }>((tie) => ({
  operation: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    { weight: 4, arbitrary: put },
    { weight: 2, arbitrary: deleteRange },
    { weight: 2, arbitrary: range },
    { weight: 1, arbitrary: tie('txn') },
  ),
  txn: fc.record({
    kind: fc.constant('txn' as const),
    compare: fc.array(comparison, { maxLength: 2 }),
    success: fc.array(tie('operation'), { maxLength: 3 }),
    failure: fc.array(tie('operation'), { maxLength: 3 }),
  }),
})).txn;

/**
 * Leaves out the puts of keys that the same transaction puts or deletes elsewhere. A server refuses such a transaction
 * before it is logged.
 */
function withoutConflicts(wanted: TxnWanted): TxnWanted {
  const taken: KeySpan[] = [];
  const clean = (operations: readonly Operation[]): Operation[] =>
    operations.flatMap((one): Operation[] => {
      if (one.kind === 'range') return [one];
      if (one.kind === 'txn') return [cleanTxn(one)];
      const own: KeySpan = one.kind === 'put' ? { key: one.key } : one;
      const puts = taken.filter(({ end }) => end === undefined);
      if ((one.kind === 'put' ? taken : puts).some((other) => meet(own, other))) return [];
      taken.push(own);
      return [one];
    });
  const cleanTxn = (one: TxnWanted): TxnWanted => ({
    ...one,
    success: clean(one.success ?? []),
    failure: clean(one.failure ?? []),
  });
  return cleanTxn(wanted);
}

const behind = ({ key: from, end }: KeySpan): string => (end === '' ? '\xff\xff' : (end ?? `${from}\0`));
const meet = (one: KeySpan, other: KeySpan): boolean => one.key < behind(other) && other.key < behind(one);

const lease: fc.Arbitrary<WantedRequest> = fc.tuple(fc.constantFrom(...LEASES), fc.nat(3)).map(([id, choice]) => {
  if (choice === 0) return { kind: 'leaseRevoke', id };
  if (choice === 1) return { kind: 'leaseCheckpoint', checkpoints: [{ id, ttl: 5 }] };
  return { kind: 'leaseGrant', id, ttl: 60 };
});

const plain: fc.Arbitrary<WantedRequest> = fc.oneof(
  { weight: 8, arbitrary: put },
  { weight: 3, arbitrary: deleteRange },
  { weight: 6, arbitrary: txn.map(withoutConflicts) },
  { weight: 4, arbitrary: lease },
  { weight: 1, arbitrary: range },
  { weight: 2, arbitrary: revision.map((rev): WantedRequest => ({ kind: 'compaction', revision: rev })) },
);

/** Histories have alarms of one kind, since after two kinds a restart decides. */
const alarms = (alarm: 'nospace' | 'corrupt'): fc.Arbitrary<WantedRequest> =>
  fc
    .tuple(fc.constantFrom('get', 'activate', 'deactivate' as const), fc.constantFrom(NODE_ID, OTHER_NODE_ID))
    .map(([action, member]) => ({ kind: 'alarm', action, member, alarm }) as WantedRequest);

const USERS = ['root', 'ann', 'bob'];
const ROLES = ['root', 'r1', 'r2'];
const user = fc.constantFrom(...USERS);
const role = fc.constantFrom(...ROLES);

const authChange: fc.Arbitrary<WantedRequest> = fc
  .record({
    kind: fc.constantFrom(
      'authEnable',
      'authDisable',
      'userAdd',
      'userDelete',
      'userChangePassword',
      'userGrantRole',
      'userRevokeRole',
      'roleAdd',
      'roleDelete',
      'roleGrantPermission',
      'roleGrantPermission',
      'roleRevokePermission',
    ),
    user,
    role,
    permission: fc.constantFrom(...PERMISSIONS),
    // Newer releases refuse permissions for ranges without keys.
    span: span.filter((one) => one.key < behind(one)),
  })
  .map(({ span: one, ...rest }) => ({ ...rest, ...one }) as unknown as WantedRequest);

const BY_ROOT = { isOwn: true, user: 'root', lag: 0 };

/** Users and roles that let most requests of a history with users through. */
const AUTH_START: readonly Step[] = (
  [
    { kind: 'userAdd', user: 'root' },
    { kind: 'roleAdd', role: 'root' },
    { kind: 'userGrantRole', user: 'root', role: 'root' },
    { kind: 'userAdd', user: 'ann' },
    { kind: 'roleAdd', role: 'r1' },
    { kind: 'roleGrantPermission', role: 'r1', permission: 'readwrite', key: 'a', end: 'c0' },
    { kind: 'userGrantRole', user: 'ann', role: 'r1' },
    { kind: 'authEnable' },
  ] as const
).map((request) => ({ request, ...BY_ROOT }));

const step = (request: fc.Arbitrary<WantedRequest>): fc.Arbitrary<Step> =>
  fc.oneof(
    {
      weight: 20,
      arbitrary: fc.record({
        request,
        isOwn: fc.boolean(),
        user: fc.constantFrom(...USERS, 'ann', 'root', ''),
        lag: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, fc.constant(1)),
      }),
    },
    { weight: 3, arbitrary: fc.record({ furniture: fc.constantFrom(...FURNITURE) }) },
    { weight: 1, arbitrary: fc.record({ overwritten: fc.array(plain, { minLength: 1, maxLength: 3 }) }) },
  );

function history(request: fc.Arbitrary<WantedRequest>, start: readonly Step[] = []): fc.Arbitrary<LogHistory> {
  return fc.record({
    steps: fc.array(step(request), { maxLength: 40, size: 'max' }).map((steps) => [...start, ...steps]),
    uncommitted: fc.array(plain, { maxLength: 2 }),
  });
}

/**
 * Releases differ in the rights that they check for what a transaction has beside the keys of its puts, deletes and gets,
 * so nothing more is drawn where rights count.
 */
const flat = plain.map((request): WantedRequest => {
  if (request.kind !== 'txn') return request;
  const bare = (operations: readonly Operation[] = []) =>
    operations.flatMap((one): Operation[] => {
      if (one.kind === 'txn') return [];
      return [one.kind === 'put' ? { ...one, prevKv: false, lease: 0n } : one];
    });
  return { ...request, success: bare(request.success), failure: bare(request.failure) };
});

export const logHistory: fc.Arbitrary<LogHistory> = fc.oneof(
  { weight: 2, arbitrary: history(plain) },
  history(fc.oneof({ weight: 8, arbitrary: plain }, alarms('nospace'))),
  history(fc.oneof({ weight: 8, arbitrary: plain }, alarms('corrupt'))),
  { weight: 2, arbitrary: history(fc.oneof({ weight: 3, arbitrary: flat }, authChange), AUTH_START) },
);

export interface WrittenHistory {
  readonly segments: readonly Segment[];
  readonly model: LogModel;
  /** What each committed entry comes to, by its index; undefined for one that is no request. */
  readonly outcomes: ReadonlyMap<number, ModelOutcome | undefined>;
  readonly commit: number;
}

/** How a log begins that a server accepts as its own: its ids, and the entries before all others. */
export interface LogOwner {
  readonly nodeId: bigint;
  readonly clusterId: bigint;
  readonly entries: readonly LogEntry[];
  /** Servers that apply a log anew take all requests as asked elsewhere. */
  readonly isRestarted: boolean;
}

class HistoryWriter {
  readonly model: LogModel;
  readonly outcomes = new Map<number, ModelOutcome | undefined>();
  readonly writer: LogWriter;
  commit = 0;
  private term = 1;
  private counter = 0n;

  constructor(owner?: LogOwner) {
    this.model = new LogModel(owner?.isRestarted ? undefined : Number(NODE_ID & 0xffffn));
    this.writer = new LogWriter(owner ?? { nodeId: NODE_ID });
    for (const { data, type } of owner?.entries ?? []) this.entry(undefined, data, type);
  }

  private header(isOwn: boolean, name: string, lag: number) {
    this.counter++;
    const id = (((isOwn ? NODE_ID : OTHER_NODE_ID) & 0xffffn) << 48n) | ((START_MS & 0xff_ffff_ffffn) << 8n);
    const { enabled, revision: current } = this.model.auth;
    const { counter } = this;
    if (!enabled || name === '') return { id: id + counter };
    return { id: id + counter, user: name, authRevision: Math.max(current - lag, 1) };
  }

  private entry(outcome: ModelOutcome | undefined, data?: Buffer, type = 0): void {
    this.commit++;
    this.outcomes.set(this.commit, outcome);
    this.writer.entry({ index: this.commit, term: this.term, type, data });
    // Commits are saved later than entries, and not each of them.
    if (this.commit % 3 === 0) this.saveState(this.commit - 1);
  }

  saveState(commit: number): void {
    this.writer.saveState({ term: this.term, vote: NODE_ID, commit });
  }

  append(requests: readonly WantedRequest[]): void {
    for (const [place, request] of requests.entries()) {
      const data = encodeLogRequest(request, this.header(true, '', 0));
      this.writer.entry({ index: this.commit + 1 + place, term: this.term, data });
    }
  }

  take(taken: Step): void {
    if ('request' in taken) {
      // Releases differ in whether they look at the age of what root does with leases.
      const isLease = taken.user === 'root' && ['leaseRevoke', 'put'].includes(taken.request.kind);
      const header = this.header(taken.isOwn, taken.user, isLease ? 0 : taken.lag);
      this.entry(this.model.apply(taken.request, header), encodeLogRequest(taken.request, header));
    } else if ('overwritten' in taken) {
      this.append(taken.overwritten);
      this.newTerm();
    } else this.add(taken.furniture);
  }

  private newTerm(): void {
    this.term++;
    this.entry(undefined);
  }

  private add(furniture: (typeof FURNITURE)[number]): void {
    if (furniture === 'noop') this.entry(undefined);
    else if (furniture === 'confChange') this.entry(undefined, Buffer.from([8, 0, 16, 0, 24, 5]), 1);
    else if (furniture === 'v2')
      this.entry(undefined, encodeV2Request(this.header(true, '', 0).id, '/0/version', '3.4.0'));
    else if (furniture === 'cut') this.writer.cut();
    else if (furniture === 'snapshot') this.writer.snapshot(this.commit, this.term);
    else this.newTerm();
  }
}

export function writeHistory({ steps, uncommitted }: LogHistory, owner?: LogOwner): WrittenHistory {
  const writing = new HistoryWriter(owner);
  for (const one of steps) writing.take(one);
  writing.saveState(writing.commit);
  writing.append(uncommitted);
  const { model, outcomes, commit } = writing;
  return { segments: writing.writer.finish(), model, outcomes, commit };
}
