// Replays, and checks the guarantees of a watch over everything that is delivered. They hold for a client across its
// connections: what a client loses or sees twice when it resumes is a broken guarantee.

import { MvccwError } from '../../errors.js';
import type { History } from '../../mvcc/history.js';
import { streamOf, type WatchSpec } from '../../requests/watch-spec.js';
import type { Group } from '../../watch/watcher.js';
import { GuaranteeChecker, type Ledger, type Violation } from '../guarantees/guarantees.js';
import { handledEvents } from '../run/client-watcher.js';
import { replay } from '../run/replay.js';
import { allWatchers, mayGoBack, type ReplayOptions, streamPlan } from '../run/replay-options.js';
import type { OpenedReplay } from '../run/replay-store.js';
import type { ClientEntry, Delivery, EndEntry, GroupEntry, Restored, TraceEntry } from '../run/trace.js';

export interface CheckResult {
  readonly violations: readonly Violation[];
  /** The number of violations beyond those that are kept. */
  readonly omitted: number;
  /** The ledgers of the watchers that lost events or saw some twice, by name. */
  readonly ledgers: ReadonlyMap<string, Ledger>;
}

/**
 * Feeds a trace to the checker. A restore from a backup ends the history to check against, and the trace goes on with
 * another check.
 */
class TraceCheck {
  private readonly checker: GuaranteeChecker;
  private readonly specs = new Map<string, WatchSpec>();
  private readonly started = new Set<string>();
  private readonly groups = new Map<string, Group>();
  /** The watchers that their clients have cancelled. */
  private readonly left = new Set<string>();
  private readonly held = new Map<string, Delivery>();
  /** The first revision that each client has not been given. */
  private readonly nextRevs = new Map<string, number>();

  constructor(
    history: History,
    private readonly options: ReplayOptions,
    ledgers?: ReadonlyMap<string, Ledger>,
  ) {
    const watchers = allWatchers(options);
    for (const spec of watchers) this.specs.set(spec.name, spec);
    this.checker = new GuaranteeChecker(history, [], { laterRanges: watchers, ledgers });
  }

  private start(watcher: string, fromRev: number): void {
    this.nextRevs.set(watcher, fromRev);
    this.checker.start({ ...this.specs.get(watcher)!, fromRev });
  }

  add(entry: TraceEntry): void {
    if (entry.kind === 'group') this.addGroup(entry);
    else if (entry.kind === 'client') this.addClient(entry);
    else if (entry.kind === 'response') this.addResponse(entry);
  }

  private addClient({ watcher, what, startRev }: ClientEntry): void {
    if (what === 'cancelled') this.left.add(watcher);
    else if (what === 'disconnected') this.breakOff(watcher);
    else if (what === 'relisted') this.startAnew(watcher, startRev!);
  }

  /** A client that has listed is owed what comes behind its list; what was there before, it has seen as state. */
  private startAnew(watcher: string, fromRev: number): void {
    this.release(watcher);
    this.left.delete(watcher);
    this.started.add(watcher);
    this.start(watcher, fromRev);
  }

  /**
   * A client may stop within a transaction: its last response is held back until it is known how far the client came.
   */
  private addResponse(entry: Delivery): void {
    if (!this.specs.has(entry.watcher)) {
      this.addProgress(entry);
      return;
    }
    this.release(entry.watcher);
    if (streamPlan(this.options, entry.stream).client.resumeFrom === 'midTransaction') {
      this.held.set(entry.watcher, entry);
    } else {
      this.check(entry);
    }
  }

  private check(entry: Delivery): void {
    const { watcher, via, events } = entry;
    if (via === 'cancel') this.nextRevs.delete(watcher);
    const lastRev = events.at(-1)?.kv.modRevision ?? 0;
    if (lastRev >= (this.nextRevs.get(watcher) ?? Number.POSITIVE_INFINITY)) this.nextRevs.set(watcher, lastRev + 1);
    this.checker.add(entry, entry.compactRev);
  }

  /**
   * Progress of a whole stream comes after the responses that are held back, and promises nothing to clients that have
   * left.
   */
  private addProgress(entry: Delivery): void {
    for (const [watcher, held] of this.held) if (held.stream === entry.stream) this.release(watcher);
    for (const watcher of this.left) this.checker.end(watcher);
    this.checker.add(entry, entry.compactRev);
  }

  private release(watcher: string): void {
    const held = this.held.get(watcher);
    if (held === undefined) return;
    this.held.delete(watcher);
    this.check(held);
  }

  private breakOff(watcher: string): void {
    const held = this.held.get(watcher);
    if (held === undefined) return;
    this.held.set(watcher, { ...held, events: handledEvents(held.events) });
    this.release(watcher);
  }

  private addGroup({ watcher, from, to, because, minRev }: GroupEntry): void {
    this.groups.set(watcher, to);
    if (because === 'cancelled') this.left.add(watcher);
    if (from === undefined && !this.started.has(watcher)) {
      this.started.add(watcher);
      this.start(watcher, minRev);
    }
  }

  /**
   * Returns the check of what comes after a restore from a backup. A client is owed what was there up to the backup and
   * it had not seen, and all that is written from then on.
   */
  after({ backupRev, revision }: Restored, history: History): TraceCheck {
    const next = new TraceCheck(history, this.options, this.checker.ledgers);
    for (const [watcher, nextRev] of this.nextRevs) {
      if (this.left.has(watcher)) continue;
      next.started.add(watcher);
      next.start(watcher, nextRev <= backupRev ? nextRev : revision + 1);
    }
    for (const watcher of this.left) next.left.add(watcher);
    return next;
  }

  /** Ends the check. Without an `end`, as before a restore, what has not come yet is not missed. */
  finish(end?: EndEntry): CheckResult {
    for (const watcher of [...this.held.keys()]) this.release(watcher);
    if (end === undefined) return this.result(this.checker.finish());
    const waiting = new Set(end.streams.filter(({ queued }) => queued > 0).map(({ stream }) => stream));
    const synced = new Map<string, number>();
    for (const [name, group] of this.groups) {
      const stream = streamOf(this.specs.get(name)!);
      if (group === 'synced' && !waiting.has(stream)) synced.set(name, end.currentRev);
    }
    return this.result(this.checker.finish({ timeUs: end.timeUs, synced }));
  }

  private result(violations: readonly Violation[]): CheckResult {
    return { violations, omitted: this.checker.omitted, ledgers: this.checker.ledgers };
  }
}

/**
 * Throws CORRUPT when a record of a recorded history contradicts the ones before it. The events of such a history are
 * its own records, so that no watch can break these two guarantees.
 */
function refuseDamage(violations: readonly Violation[]): void {
  const damage = violations.find(({ guarantee }) => guarantee === 'is-create' || guarantee === 'previous-value');
  if (damage === undefined) return;
  throw new MvccwError('CORRUPT', `the history contradicts itself: ${damage.message}`, {
    hint: 'the file was damaged after it was written; --check off replays it all the same',
  });
}

const UNCHECKED: CheckResult = { violations: [], omitted: 0, ledgers: new Map() };

/** Yields the trace, and returns what was broken; without `check`, nothing counts as broken. Throws CORRUPT. */
export function* checkedReplay(
  { store, history, past = [], recorded }: OpenedReplay,
  options: ReplayOptions,
  check = true,
): Generator<TraceEntry, CheckResult> {
  if (!check) {
    yield* replay(store, options);
    return UNCHECKED;
  }
  const atOnce = mayGoBack(options) ? undefined : new TraceCheck(history, options);
  const later: TraceEntry[] = [];
  let end: EndEntry | undefined;
  for (const entry of replay(store, options)) {
    if (atOnce === undefined) later.push(entry);
    else atOnce.add(entry);
    if (entry.kind === 'end') end = entry;
    yield entry;
  }
  const result = atOnce?.finish(end!) ?? checkLater(later, [...past, history], options);
  if (recorded) refuseDamage(result.violations);
  return result;
}

/** Checks a whole trace against its histories, of which all but the last ended in a restore from a backup. */
function checkLater(
  entries: readonly TraceEntry[],
  histories: readonly History[],
  options: ReplayOptions,
): CheckResult {
  const results: CheckResult[] = [];
  let check = new TraceCheck(histories[0]!, options);
  for (const entry of entries) {
    check.add(entry);
    if (entry.kind === 'end') results.push(check.finish(entry));
    if (entry.kind !== 'action' || entry.restored === undefined) continue;
    results.push(check.finish());
    check = check.after(entry.restored, histories[results.length]!);
  }
  return {
    violations: results.flatMap(({ violations }) => violations),
    omitted: results.reduce((sum, { omitted }) => sum + omitted, 0),
    ledgers: results.at(-1)!.ledgers,
  };
}
