// Users and roles of a store that a log is applied to, as in etcd's auth/store.go: who may read and write which keys.
// Every change raises the auth revision, and a request that was checked under an older one is refused.

import type { AuthRequest, KeySpan, Permission, RequestHeader } from '../../wal/request.js';
import { type Access, Grants } from './grants.js';
import type { ReasonName } from './outcome.js';

const ROOT = 'root';

type Refusal = Extract<ReasonName, 'permission denied' | 'no user' | 'old auth revision' | 'auth refused'>;

/** What a database says of users and roles. */
export interface AccessState {
  readonly enabled: boolean;
  /** 0 where none is recorded. */
  readonly revision: number;
  readonly users: ReadonlyMap<string, readonly string[]>;
  readonly roles: ReadonlyMap<string, readonly Permission[]>;
}

export class AccessControl {
  private enabled: boolean;
  private revision: number;
  /** The roles of each user. */
  private readonly users: Map<string, readonly string[]>;
  private readonly roles: Map<string, readonly Permission[]>;
  /** What each user may do; found when it is first asked for after a change. */
  private readonly grants = new Map<string, Grants>();

  constructor(state?: AccessState) {
    this.enabled = state?.enabled ?? false;
    this.revision = state?.revision || 1;
    this.users = new Map(state?.users);
    this.roles = new Map(state?.roles);
  }

  get isEnabled(): boolean {
    return this.enabled;
  }

  get authRevision(): number {
    return this.revision;
  }

  get state(): AccessState {
    const { enabled, revision, users, roles } = this;
    return { enabled, revision, users, roles };
  }

  /** Returns why a user may not read or write a range; undefined if it may. */
  check({ user, authRevision }: RequestHeader, access: Access, range: KeySpan): Refusal | undefined {
    if (!this.enabled) return undefined;
    if (authRevision === 0) return 'no user';
    if (authRevision < this.revision) return 'old auth revision';
    const roles = this.users.get(user);
    if (roles === undefined) return 'permission denied';
    if (roles.includes(ROOT)) return undefined;
    return this.grantsOf(user, roles).allow(access, range) ? undefined : 'permission denied';
  }

  /** Whether the permissions of a user decide what it may do with a request. */
  hasGrants({ user, authRevision }: RequestHeader): boolean {
    const roles = this.users.get(user);
    return this.enabled && authRevision >= this.revision && roles !== undefined && !roles.includes(ROOT);
  }

  private grantsOf(user: string, roles: readonly string[]): Grants {
    const known = this.grants.get(user);
    if (known !== undefined) return known;
    const grants = new Grants(roles.flatMap((role) => this.roles.get(role) ?? []));
    this.grants.set(user, grants);
    return grants;
  }

  /** Returns why a user may not do what only root may; undefined if it may. */
  checkAdmin({ user }: RequestHeader): Refusal | undefined {
    if (!this.enabled) return undefined;
    if (user === '') return 'no user';
    return this.users.get(user)?.includes(ROOT) ? undefined : 'permission denied';
  }

  /** Whether a request grants a role a permission for a range without keys, which newer releases refuse. */
  grantsNothing(request: AuthRequest): boolean {
    if (request.kind !== 'authRoleGrantPermission' || request.permission === undefined) return false;
    return this.roles.has(request.role) && !isRange(request.permission);
  }

  /** Applies a request about users and roles; returns why it is refused, if so. Reads change nothing. */
  apply(request: AuthRequest): Refusal | undefined {
    switch (request.kind) {
      case 'authEnable':
        return this.enable();
      case 'authDisable':
        return this.disable();
      case 'authUserAdd':
        return this.when(request.user !== '' && !this.users.has(request.user), () => this.users.set(request.user, []));
      case 'authUserDelete':
        return this.when(this.mayLose(request.user) && this.users.has(request.user), () =>
          this.users.delete(request.user),
        );
      case 'authUserChangePassword':
        return this.when(this.users.has(request.user), () => undefined);
      case 'authUserGrantRole':
        return this.grantRole(request.user, request.role);
      case 'authUserRevokeRole':
        return this.revokeRole(request.user, request.role);
      case 'authRoleAdd':
        return this.when(request.role !== '' && !this.roles.has(request.role), () => this.roles.set(request.role, []));
      case 'authRoleDelete':
        return this.when(this.mayLose(request.role) && this.roles.has(request.role), () =>
          this.deleteRole(request.role),
        );
      case 'authRoleGrantPermission':
        return this.grantPermission(request.role, request.permission);
      case 'authRoleRevokePermission':
        return this.revokePermission(request.role, request);
      default:
        return undefined;
    }
  }

  /** While authentication is on, neither the user nor the role of root can go. */
  private mayLose(name: string): boolean {
    return !(this.enabled && name === ROOT);
  }

  /** Makes a change, which raises the auth revision, unless it is refused. */
  private when(isPossible: boolean, change: () => unknown): Refusal | undefined {
    if (!isPossible) return 'auth refused';
    change();
    this.revision++;
    this.grants.clear();
    return undefined;
  }

  /** Raises no revision. */
  private enable(): Refusal | undefined {
    if (this.enabled) return undefined;
    if (!this.users.get(ROOT)?.includes(ROOT)) return 'auth refused';
    this.enabled = true;
    return undefined;
  }

  private disable(): undefined {
    if (!this.enabled) return undefined;
    this.enabled = false;
    this.revision++;
    return undefined;
  }

  private grantRole(user: string, role: string): Refusal | undefined {
    const roles = this.users.get(user);
    if (roles === undefined || (role !== ROOT && !this.roles.has(role))) return 'auth refused';
    // A role that the user has already is granted, and raises no revision.
    return roles.includes(role) ? undefined : this.when(true, () => this.users.set(user, [...roles, role]));
  }

  private revokeRole(user: string, role: string): Refusal | undefined {
    const roles = this.users.get(user) ?? [];
    const isPossible = roles.includes(role) && (role !== ROOT || this.mayLose(user));
    return this.when(isPossible, () =>
      this.users.set(
        user,
        roles.filter((other) => other !== role),
      ),
    );
  }

  private deleteRole(role: string): void {
    this.roles.delete(role);
    for (const [user, roles] of this.users) {
      if (roles.includes(role))
        this.users.set(
          user,
          roles.filter((other) => other !== role),
        );
    }
  }

  private grantPermission(role: string, permission: Permission | undefined): Refusal | undefined {
    const permissions = this.roles.get(role);
    if (permissions === undefined || permission === undefined) return 'auth refused';
    // etcd looks at the first permission of the key only, so that a role can have two for one range.
    const first = permissions.findIndex(({ key }) => key >= permission.key);
    const isKnown = first >= 0 && isSameRange(permissions[first]!, permission);
    const granted = isKnown ? permissions.with(first, permission) : [...permissions, permission].sort(byKey);
    return this.when(true, () => this.roles.set(role, granted));
  }

  private revokePermission(role: string, range: KeySpan): Refusal | undefined {
    const permissions = this.roles.get(role) ?? [];
    const others = permissions.filter((other) => !isSameRange(other, range));
    return this.when(others.length < permissions.length, () => this.roles.set(role, others));
  }
}

function byKey(a: KeySpan, b: KeySpan): number {
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
}

function isSameRange(a: KeySpan, b: KeySpan): boolean {
  return a.key === b.key && a.end === b.end;
}

/** Whether the range is not empty. */
function isRange({ key, end }: KeySpan): boolean {
  return key !== '' && (end === undefined || end === '' || key < end);
}
