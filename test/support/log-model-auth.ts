// The part of the plain model that knows users and roles, and which requests they may make.

import type { KeySpan, WantedHeader, WantedRequest } from './log-requests.js';
import { spansOf } from './log-spans.js';

type Permission = { readonly permission: 'read' | 'write' | 'readwrite' } & KeySpan;

const ROOT = 'root';

export class ModelAuth {
  enabled = false;
  revision = 1;
  private readonly users = new Map<string, Set<string>>();
  private readonly roles = new Map<string, Permission[]>();

  permits(request: WantedRequest, header: WantedHeader, leaseKeys: (id: bigint) => readonly string[]): boolean {
    if (!this.enabled) return true;
    const { user = '', authRevision = 0 } = header;
    const may = (what: 'read' | 'write', span: KeySpan) =>
      authRevision >= this.revision && this.users.has(user) && (this.isRoot(user) || this.covers(user, what, span));
    const mayPut = (keys: readonly string[]) => keys.every((key) => may('write', { key }));
    switch (request.kind) {
      case 'put':
      case 'deleteRange':
      case 'range':
      case 'txn': {
        const { reads, writes } = spansOf(request);
        const attached = request.kind === 'put' && request.lease !== undefined ? leaseKeys(request.lease) : [];
        return (
          reads.every((span) => may('read', span)) && writes.every((span) => may('write', span)) && mayPut(attached)
        );
      }
      case 'leaseRevoke':
        return mayPut(leaseKeys(request.id));
      default:
        return !/^(auth(En|Dis)able|user|role)/.test(request.kind) || this.isRoot(user);
    }
  }

  private isRoot(user: string): boolean {
    return this.users.get(user)?.has(ROOT) ?? false;
  }

  /** Tells whether the spans of all permissions together hold a span. */
  private covers(user: string, what: 'read' | 'write', { key, end }: KeySpan): boolean {
    const roles = [...this.users.get(user)!].map((role) => this.roles.get(role) ?? []);
    const spans = roles.flat().filter(({ permission }) => permission.includes(what));
    const wanted = end ?? `${key}\0`;
    for (let from = key; ; ) {
      const ends = spans.filter((span) => span.key <= from && (endOf(span) === '' || endOf(span) > from)).map(endOf);
      if (ends.length === 0) return false;
      if (ends.includes('')) return true;
      from = ends.sort().at(-1)!;
      if (wanted !== '' && from >= wanted) return true;
    }
  }

  /** Changes users and roles. Each change that is one counts in the revision, but for that auth is switched on. */
  execute(request: WantedRequest): void {
    if (request.kind === 'authEnable') {
      if (this.isRoot(ROOT)) this.enabled = true;
    } else if (this.changes(request)) {
      this.revision++;
    }
  }

  private changes(request: WantedRequest): boolean {
    const { users, roles, enabled } = this;
    switch (request.kind) {
      case 'authDisable':
        this.enabled = false;
        return enabled;
      case 'userAdd':
        if (users.has(request.user)) return false;
        users.set(request.user, new Set());
        return true;
      case 'userDelete':
        return !(enabled && request.user === ROOT) && users.delete(request.user);
      case 'userChangePassword':
        return users.has(request.user);
      case 'userGrantRole': {
        const { user, role } = request;
        const held = users.get(user);
        if (held === undefined || held.has(role) || !(role === ROOT || roles.has(role))) return false;
        held.add(role);
        return true;
      }
      case 'userRevokeRole': {
        const { user, role } = request;
        if (enabled && user === ROOT && role === ROOT) return false;
        return users.get(user)?.delete(role) ?? false;
      }
      case 'roleAdd':
        if (roles.has(request.role)) return false;
        roles.set(request.role, []);
        return true;
      case 'roleDelete':
        if ((enabled && request.role === ROOT) || !roles.delete(request.role)) return false;
        for (const held of users.values()) held.delete(request.role);
        return true;
      case 'roleGrantPermission': {
        const permissions = roles.get(request.role);
        if (permissions === undefined) return false;
        const { permission, ...span } = request;
        roles.set(request.role, [...permissions.filter((other) => !isSame(other, span)), { ...span, permission }]);
        return true;
      }
      case 'roleRevokePermission': {
        const permissions = roles.get(request.role) ?? [];
        const left = permissions.filter((other) => !isSame(other, request));
        if (left.length === permissions.length) return false;
        roles.set(request.role, left);
        return true;
      }
      default:
        return false;
    }
  }
}

const endOf = ({ key, end }: KeySpan): string => end ?? `${key}\0`;

const isSame = (one: KeySpan, other: KeySpan): boolean => one.key === other.key && one.end === other.end;
