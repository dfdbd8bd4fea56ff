// The steps of a write session: all writing commands, each with what it does to the naive model of a store.

import { type Change, StoreModel } from '../support/store-model.js';
import { DB } from './lab.js';

type Next = (below: number) => number;

export type Step =
  | { readonly kind: 'write'; readonly via: 'put' | 'del' | 'txn'; readonly changes: readonly Change[] }
  | { readonly kind: 'compact'; readonly rev: number }
  | { readonly kind: 'defrag' | 'repair' }
  | { readonly kind: 'grant' | 'revoke'; readonly lease: bigint }
  /** An import makes a database of its own, which nothing else changes. */
  | { readonly kind: 'import'; readonly number: number };

/** These words of a command line stand for an etcd file, and for the database that an import makes. */
export const ETCD_FILE = '<etcd>';
export const importPath = (number: number) => `<import:${number}>`;

const LEASES = 4;
const TTL_SECONDS = 1000;

/** Returns the model of a store after these steps; `ids` has the ids that leases have got, by their numbers. */
export function modelOf(steps: readonly Step[], ids: ReadonlyMap<bigint, bigint> = new Map()): StoreModel {
  const model = new StoreModel();
  const id = (lease: bigint) => ids.get(lease) ?? lease;
  for (const step of steps) {
    if (step.kind === 'write') apply(model, { ...step, changes: step.changes.map((change) => withId(change, id)) });
    else if ('lease' in step) apply(model, { ...step, lease: id(step.lease) });
    else apply(model, step);
  }
  return model;
}

function withId(change: Change, id: (lease: bigint) => bigint): Change {
  return change.kind === 'put' ? { ...change, lease: id(change.lease) } : change;
}

/** Does a step on the model. Returns false, and changes nothing, if the command refuses it. */
export function apply(model: StoreModel, step: Step): boolean {
  switch (step.kind) {
    case 'write':
      return model.write(step.changes) !== undefined;
    case 'compact':
      if (step.rev <= model.compactRev || step.rev > model.currentRev) return false;
      model.compact(step.rev);
      return true;
    case 'grant':
      model.leases.set(step.lease, TTL_SECONDS);
      return true;
    case 'revoke': {
      if (!model.leases.has(step.lease)) return false;
      const deletes = model.attached(step.lease).map((key): Change => ({ kind: 'delete', key, end: undefined }));
      model.leases.delete(step.lease);
      model.write(deletes);
      return true;
    }
    default:
      return true;
  }
}

/** Draws steps that follow those before; `valueBytes` bounds the size of a value. */
export function drawSteps(next: Next, before: readonly Step[], count: number, valueBytes: number): Step[] {
  const model = modelOf(before);
  const steps: Step[] = [];
  const key = () => `k${next(30)}`;
  const value = () => Buffer.alloc(1 + next(next(6) === 0 ? valueBytes : 60), `v${next(1000)} `);
  // A number stands for one lease only, also after that was revoked: records keep the id.
  const granted = () => [...before, ...steps].filter(({ kind }) => kind === 'grant').length;
  const lease = () => [...model.leases.keys()][next(model.leases.size)]!;
  const put = (name: string, id = 0n): Change => ({ kind: 'put', key: name, value: value(), lease: id });
  const draw = (): Step | undefined => {
    const kind = next(20);
    if (kind < 7) return { kind: 'write', via: 'put', changes: [put(key())] };
    if (kind < 9) {
      if (next(LEASES) >= model.leases.size) return { kind: 'grant', lease: BigInt(granted() + 1) };
      return { kind: 'write', via: 'put', changes: [put(key(), lease())] };
    }
    if (kind < 11) return { kind: 'write', via: 'del', changes: [{ kind: 'delete', key: key(), end: undefined }] };
    if (kind < 14) {
      const keys = [...new Set([key(), key(), key(), key()])];
      const changes = keys.map((name, i) =>
        i === 0 ? ({ kind: 'delete', key: name, end: undefined } as const) : put(name),
      );
      return { kind: 'write', via: 'txn', changes };
    }
    if (kind < 15) return model.leases.size > 0 ? { kind: 'revoke', lease: lease() } : undefined;
    if (kind < 17) {
      const rev = model.currentRev - next(10);
      return rev > Math.max(model.compactRev, 1) && !model.losesRecordAt(rev) ? { kind: 'compact', rev } : undefined;
    }
    if (kind < 19) return { kind: next(3) === 0 ? 'repair' : 'defrag' };
    return { kind: 'import', number: before.length + steps.length };
  };
  while (steps.length < count) {
    // The first command makes the database.
    const isFirst = before.length + steps.length === 0;
    const step: Step | undefined = isFirst ? { kind: 'write', via: 'put', changes: [put(key())] } : draw();
    if (step === undefined) continue;
    apply(model, step);
    steps.push(step);
  }
  return steps;
}

export interface StepCommand {
  readonly argv: string[];
  readonly stdin: string;
  /** The number of the lease that the command grants. */
  readonly grants?: string;
}

const quoted = (text: string) => JSON.stringify(text);
const lineOf = (change: Change) =>
  change.kind === 'put' ? `put ${quoted(change.key)} ${quoted(change.value.toString())}` : `del ${quoted(change.key)}`;

/** Returns the command line of a step. */
export function commandOf(step: Step): StepCommand {
  const on = (...argv: string[]) => ({ argv: ['--db', DB, ...argv], stdin: '' });
  switch (step.kind) {
    case 'write': {
      const change = step.changes[0]!;
      if (step.via === 'txn') return { ...on('txn'), stdin: `\n${step.changes.map(lineOf).join('\n')}\n\n\n` };
      if (change.kind === 'delete') return on('del', change.key);
      const lease = change.lease === 0n ? [] : [`--lease=<lease:${change.lease}>`];
      return on('put', change.key, change.value.toString(), ...lease);
    }
    case 'compact':
      return on('compact', String(step.rev));
    case 'defrag':
      return on('defrag');
    case 'repair':
      return on('check', '--repair');
    case 'grant':
      return { ...on('lease', 'grant', String(TTL_SECONDS)), grants: String(step.lease) };
    case 'revoke':
      return on('lease', 'revoke', `<lease:${step.lease}>`);
    case 'import':
      return { argv: ['import', ETCD_FILE, '--db', importPath(step.number)], stdin: '' };
  }
}
