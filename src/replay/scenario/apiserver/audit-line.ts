// Reads the watches from the audit log of an apiserver (audit.k8s.io): the lines of one request have the same auditID, and
// that of a watch has its times and, in the URI, where it starts and what it selects.

import { MvccwError } from '../../../errors.js';
import { readTimestamp } from '../../../kube/timestamp.js';

export interface AuditedWatch {
  readonly user: string;
  readonly group: string;
  readonly resource: string;
  /** The namespace and the name that it is of; undefined for all. */
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  /** The revision that it starts behind; undefined when it names none, or 0. */
  readonly resourceVersion: number | undefined;
  /** Whether it names no resourceVersion at all. */
  readonly isUnset: boolean;
  /** Whether it selects by labels, or by fields other than name and namespace. */
  readonly selects: boolean;
  /** Its times in µs since 1970; the end is undefined when the log does not have it. */
  readonly fromUs: number;
  readonly untilUs: number | undefined;
}

interface AuditEvent {
  readonly auditID?: unknown;
  readonly stage?: unknown;
  readonly verb?: unknown;
  readonly requestURI?: unknown;
  readonly requestReceivedTimestamp?: unknown;
  readonly stageTimestamp?: unknown;
  readonly user?: { readonly username?: unknown };
  readonly objectRef?: {
    readonly resource?: unknown;
    readonly apiGroup?: unknown;
    readonly namespace?: unknown;
    readonly name?: unknown;
    readonly subresource?: unknown;
  };
  readonly responseStatus?: { readonly code?: unknown };
}

/** Gathers the watches of a log, line by line. */
export class AuditedWatches {
  private readonly byId = new Map<string, AuditedWatch>();

  /** The watches in the order in which the log has them. */
  get all(): readonly AuditedWatch[] {
    return [...this.byId.values()];
  }

  /** Reads a line. Throws FORMAT for one that is not of an audit log. */
  add(line: string): void {
    if (line.trim() === '') return;
    const event = parse(line);
    const { auditID, stage, stageTimestamp } = event;
    if (event.verb !== 'watch' || typeof auditID !== 'string') return;
    const known = this.byId.get(auditID) ?? watchOf(event);
    if (known === undefined) return;
    const isOver = stage === 'ResponseComplete' || stage === 'Panic';
    if (isOver && isRefused(event)) this.byId.delete(auditID);
    else this.byId.set(auditID, isOver ? { ...known, untilUs: microseconds(stageTimestamp) } : known);
  }
}

function parse(line: string): AuditEvent {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    value = undefined;
  }
  const { kind, apiVersion } = (value ?? {}) as { kind?: unknown; apiVersion?: unknown };
  if (kind === 'Event' && typeof apiVersion === 'string' && apiVersion.startsWith('audit.k8s.io/')) {
    return value as AuditEvent;
  }
  throw new MvccwError('FORMAT', 'the line is no event of an audit log', {
    hint: 'an audit log has an object of kind Event of audit.k8s.io on each line',
  });
}

/** A watch that was refused, for example because its revision was too old, has watched nothing. */
function isRefused({ responseStatus }: AuditEvent): boolean {
  const code = responseStatus?.code;
  return typeof code === 'number' && code >= 400;
}

function watchOf(event: AuditEvent): AuditedWatch | undefined {
  const { objectRef, user, requestURI, requestReceivedTimestamp } = event;
  const fromUs = microseconds(requestReceivedTimestamp);
  if (fromUs === undefined || typeof objectRef?.resource !== 'string' || objectRef.subresource) return undefined;
  const query = new URLSearchParams(typeof requestURI === 'string' ? requestURI.replace(/^[^?]*\??/, '') : '');
  const version = query.get('resourceVersion') ?? '';
  const fields = new Map(
    (query.get('fieldSelector') ?? '')
      .split(',')
      .map((field) => field.split(/==?/, 2))
      .filter((parts): parts is [string, string] => parts.length === 2 && !parts[0]!.endsWith('!')),
  );
  const others = (query.get('fieldSelector') ?? '')
    .split(',')
    .filter((field) => !/^$|^metadata\.(name|namespace)==?/.test(field));
  return {
    user: textOf(user?.username) ?? 'unknown user',
    group: textOf(objectRef.apiGroup) ?? '',
    resource: objectRef.resource,
    namespace: textOf(objectRef.namespace) ?? fields.get('metadata.namespace'),
    name: textOf(objectRef.name) ?? fields.get('metadata.name'),
    resourceVersion: /^[1-9][0-9]{0,15}$/.test(version) ? Number(version) : undefined,
    isUnset: version === '',
    selects: others.length > 0 || Boolean(query.get('labelSelector')),
    fromUs,
    untilUs: undefined,
  };
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** Returns a time in µs since 1970. */
function microseconds(text: unknown): number | undefined {
  return typeof text === 'string' ? readTimestamp(text)?.timeUs : undefined;
}
