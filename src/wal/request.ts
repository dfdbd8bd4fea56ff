// The requests that etcd's log holds (InternalRaftRequest), as they are applied: a union by `kind`. Keys are latin-1
// strings. A range has no end for one key, '' for all keys from the first on, as everywhere. Passwords are left out.

/** Who asked, and by which process the request was put into the log. */
export class RequestHeader {
  /** The id is in two halves, as most requests are applied without anybody asking for it. */
  constructor(
    readonly idHigh: number,
    readonly idLow: number,
    /** '' if authentication was off, or no token was given. */
    readonly user: string,
    readonly authRevision: number,
  ) {}

  get id(): bigint {
    return (BigInt(this.idHigh) << 32n) | BigInt(this.idLow);
  }

  /** The lowest 16 bits of the id of the member that was asked. */
  get memberBits(): number {
    return this.idHigh >>> 16;
  }
}

export const NO_HEADER = new RequestHeader(0, 0, '', 0);

export interface KeySpan {
  readonly key: string;
  readonly end: string | undefined;
}

/** A key, of which a string is made when it is asked for. */
export class RequestKey {
  private text: string | undefined;

  /** It lies in the bytes that were decoded. */
  constructor(
    readonly bytes: Buffer,
    readonly keyStart: number,
    readonly keyEnd: number,
  ) {}

  get key(): string {
    this.text ??= this.bytes.toString('latin1', this.keyStart, this.keyEnd);
    return this.text;
  }
}

/** A put, alone or in a transaction. */
export class PutRequest extends RequestKey {
  readonly kind = 'put';

  /** The value lies in the bytes that were decoded, and is not copied. */
  constructor(
    readonly header: RequestHeader,
    bytes: Buffer,
    keyStart: number,
    keyEnd: number,
    readonly valueStart: number,
    readonly valueEnd: number,
    readonly lease: bigint,
    readonly prevKv: boolean,
    readonly ignoreValue: boolean,
    readonly ignoreLease: boolean,
  ) {
    super(bytes, keyStart, keyEnd);
  }

  get value(): Buffer {
    return this.bytes.subarray(this.valueStart, this.valueEnd);
  }
}

export interface RangeRequest extends KeySpan {
  readonly kind: 'range';
  /** 0 for the newest. */
  readonly revision: number;
}

export interface DeleteRangeRequest extends KeySpan {
  readonly kind: 'deleteRange';
  readonly prevKv: boolean;
}

export const COMPARE_RESULTS = ['=', '>', '<', '!='] as const;
export const COMPARE_TARGETS = ['version', 'create', 'mod', 'value', 'lease'] as const;

export type CompareResult = (typeof COMPARE_RESULTS)[number] | 'unknown';
export type CompareTarget = (typeof COMPARE_TARGETS)[number] | 'unknown';

export class Compare extends RequestKey implements KeySpan {
  constructor(
    bytes: Buffer,
    keyStart: number,
    keyEnd: number,
    readonly end: string | undefined,
    readonly result: CompareResult,
    readonly target: CompareTarget,
    /** What a version or a revision is compared with; beyond 2^53 it is inexact, as no revision is. */
    readonly number: number,
    /** What a lease is compared with. */
    readonly lease: bigint,
    /** What a value is compared with. */
    readonly value: Buffer,
  ) {
    super(bytes, keyStart, keyEnd);
  }
}

/** A transaction. Its branches may throw CORRUPT when they are asked for, as they are decoded only then. */
export interface TxnRequest {
  readonly kind: 'txn';
  readonly compares: readonly Compare[];
  readonly success: readonly Operation[];
  readonly failure: readonly Operation[];
}

/** What a transaction can have. */
export type Operation = PutRequest | RangeRequest | DeleteRangeRequest | TxnRequest;

export const ALARM_ACTIONS = ['get', 'activate', 'deactivate'] as const;
export const ALARMS = ['none', 'NOSPACE', 'CORRUPT'] as const;
export type Alarm = (typeof ALARMS)[number];

export const ACCESSES = ['read', 'write', 'readwrite'] as const;

/** What a role may do with a range of keys. */
export interface Permission extends KeySpan {
  readonly access: (typeof ACCESSES)[number] | 'unknown';
}

interface CompactionRequest {
  readonly kind: 'compaction';
  readonly revision: number;
  readonly physical: boolean;
}

interface LeaseGrantRequest {
  readonly kind: 'leaseGrant';
  readonly id: bigint;
  readonly ttlSeconds: number;
}

interface LeaseRevokeRequest {
  readonly kind: 'leaseRevoke';
  readonly id: bigint;
}

interface LeaseCheckpointRequest {
  readonly kind: 'leaseCheckpoint';
  readonly checkpoints: readonly { readonly id: bigint; readonly remainingTtlSeconds: number }[];
}

export interface AlarmRequest {
  readonly kind: 'alarm';
  readonly action: (typeof ALARM_ACTIONS)[number] | 'unknown';
  readonly alarm: Alarm | 'unknown';
  readonly memberId: bigint;
}

/** The requests about users and roles that name nothing. */
type BareAuthKind = 'authEnable' | 'authDisable' | 'authStatus' | 'authUserList' | 'authRoleList';

/** Those that name a user. */
type UserKind = 'authenticate' | 'authUserAdd' | 'authUserDelete' | 'authUserGet' | 'authUserChangePassword';

/** Those that name a role. */
type RoleKind = 'authRoleAdd' | 'authRoleDelete' | 'authRoleGet';

export type AuthRequest =
  | { readonly kind: BareAuthKind }
  | { readonly kind: UserKind; readonly user: string }
  | { readonly kind: 'authUserGrantRole' | 'authUserRevokeRole'; readonly user: string; readonly role: string }
  | { readonly kind: RoleKind; readonly role: string }
  | { readonly kind: 'authRoleGrantPermission'; readonly role: string; readonly permission: Permission | undefined }
  | ({ readonly kind: 'authRoleRevokePermission'; readonly role: string } & KeySpan);

/** What concerns the cluster, and no key. */
type ClusterRequest =
  | { readonly kind: 'clusterVersionSet'; readonly version: string }
  | { readonly kind: 'clusterMemberAttrSet'; readonly memberId: bigint; readonly name: string }
  | { readonly kind: 'downgradeInfoSet'; readonly enabled: boolean; readonly version: string }
  | { readonly kind: 'downgradeVersionTest'; readonly version: string };

/** A request of the old API, which has a store of its own. Up to 3.5, members tell their names and version by them. */
export interface V2Request {
  readonly kind: 'v2';
  readonly method: string;
  readonly path: string;
  readonly value: string;
}

/** A request that no release up to 3.7 makes: the field that it is in. */
interface UnknownRequest {
  readonly kind: 'unknown';
  readonly field: number;
}

export type RaftRequest = (
  | Operation
  | CompactionRequest
  | LeaseGrantRequest
  | LeaseRevokeRequest
  | LeaseCheckpointRequest
  | AlarmRequest
  | AuthRequest
  | ClusterRequest
  | V2Request
  | UnknownRequest
) & { readonly header: RequestHeader };
