// What can be heard of one event on its way to one watcher, while a replay runs.

import type { StoredRecord } from '../../mvcc/record.js';
import { streamOf, type WatchSpec } from '../../requests/watch-spec.js';
import type { Because } from '../../watch/watch-observer.js';
import type { EventName } from '../run/event-name.js';
import type { ClientEntry, CommitEntry, Delivery, EndEntry, GroupEntry, PassEntry, TraceEntry } from '../run/trace.js';

type EventType = Delivery['events'][number]['type'];

/** Of the watcher's group, or of its client's connection. */
export type LifeChange = GroupEntry | ClientEntry;

export interface LifeDelivery {
  readonly entry: Delivery;
  /** Which of the watcher's batches it was in, and its place there, from 1. */
  readonly batch: number;
  readonly place: number;
  /** When the connection broke while this was the newest response. */
  brokenUs: number | undefined;
}

/** From when the event is in the store. A restart that goes back in revisions ends it; it may be written again. */
export class EventLife {
  readonly deliveries: LifeDelivery[] = [];
  /** The pass that sent it for the first time. */
  readPass: PassEntry | undefined;
  /** The first time that the client resumed behind it, unless it came back before it later. */
  skippedBy: ClientEntry | undefined;
  /** When the store went back to a revision before it. */
  undone: { readonly timeUs: number; readonly currentRev: number } | undefined;

  /**
   * `committedUs` is undefined for what was there before the replay began. `changes` are what was last before that, and
   * then all until it is delivered.
   */
  constructor(
    readonly type: EventType,
    readonly committedUs: number | undefined,
    readonly changes: LifeChange[],
  ) {}

  get isOpen(): boolean {
    return this.undone === undefined && this.deliveries.length === 0;
  }
}

/** With these a pass has sent the watcher no events. */
const NOTHING_SENT: ReadonlySet<Because> = new Set([
  'nothingToRead',
  'streamFull',
  'compacted',
  'compactedButKept',
  'cancelDelayed',
] as const);

/** Listens to a replay on behalf of one watcher. */
export class LifeListener {
  /** In the order they were written. */
  readonly lives: EventLife[] = [];
  /** When the watcher was started for the first time. */
  started: GroupEntry | undefined;
  /** Its last change of group. */
  group: GroupEntry | undefined;
  /** A pass has looked at it since then, so that it may need a later revision. */
  movedOn = false;
  /** The first cancel that its client was given. */
  cancel: Delivery | undefined;
  /** Its client has cancelled it. */
  left: LifeChange | undefined;
  end: EndEntry | undefined;
  private skippedBy: ClientEntry | undefined;
  private batches = 0;
  private newest: Delivery | undefined;
  /** Those that may have sent it what its client was not given yet. */
  private passes: PassEntry[] = [];

  /** `present` are the event's records that are there before the replay begins. */
  constructor(
    private readonly event: EventName,
    readonly spec: WatchSpec,
    present: readonly StoredRecord[],
  ) {
    for (const { tombstone } of present) this.lives.push(new EventLife(tombstone ? 'DELETE' : 'PUT', undefined, []));
  }

  add(entry: TraceEntry): void {
    const { currentRev } = entry;
    if (currentRev < this.event.revision) {
      for (const life of this.lives) life.undone ??= { timeUs: entry.timeUs, currentRev };
    }
    const { name } = this.spec;
    if (entry.kind === 'end') this.end = entry;
    else if (entry.kind === 'commit') this.addCommit(entry);
    else if (entry.kind === 'pass' && entry.chosen.includes(name)) this.addPass(entry);
    else if (entry.kind === 'group' && entry.watcher === name) this.addGroup(entry);
    else if (entry.kind === 'client' && entry.watcher === name) this.addClient(entry);
    else if (entry.kind === 'response') this.addResponse(entry);
  }

  private addCommit({ timeUs, revision, events }: CommitEntry): void {
    if (revision !== this.event.revision) return;
    const before = [this.skippedBy, this.group].filter((change) => change !== undefined);
    for (const { type, kv } of events) {
      if (kv.key !== this.event.key) continue;
      const life = new EventLife(type, timeUs, [...before]);
      life.skippedBy = this.skippedBy;
      this.lives.push(life);
    }
  }

  private addPass(entry: PassEntry): void {
    this.movedOn = true;
    this.passes.push(entry);
  }

  private addGroup(entry: GroupEntry): void {
    this.group = entry;
    this.movedOn = false;
    if (entry.from === undefined) this.started ??= entry;
    this.left = entry.because === 'cancelled' ? entry : undefined;
    const isOfPass = entry.pass !== undefined && entry.pass === this.passes[this.passes.length - 1]?.pass;
    if (isOfPass && NOTHING_SENT.has(entry.because)) this.passes.pop();
    this.addChange(entry);
  }

  private addClient(entry: ClientEntry): void {
    if (entry.what === 'disconnected') this.breakOff(entry.timeUs);
    else if (entry.what === 'cancelled') this.left = entry;
    else this.resume(entry);
    this.addChange(entry);
  }

  /** What is queued is gone. */
  private breakOff(timeUs: number): void {
    this.passes = [];
    this.left = undefined;
    for (const { deliveries } of this.lives) {
      const last = deliveries[deliveries.length - 1];
      if (last !== undefined && last.entry === this.newest) last.brokenUs ??= timeUs;
    }
  }

  private resume(entry: ClientEntry): void {
    this.skippedBy = entry.startRev! > this.event.revision ? (this.skippedBy ?? entry) : undefined;
    for (const life of this.lives) if (life.isOpen) life.skippedBy = this.skippedBy;
  }

  private addChange(entry: LifeChange): void {
    for (const life of this.lives) if (life.isOpen) life.changes.push(entry);
  }

  /** Progress of its whole stream is a response to it, too. */
  private addResponse(entry: Delivery): void {
    const isProgress = entry.via === 'progress' && entry.stream === streamOf(this.spec);
    if (entry.watcher !== this.spec.name && !isProgress) return;
    this.newest = entry;
    if (entry.via === 'cancel') this.cancel ??= entry;
    if (entry.events.length > 0) this.batches++;
    const readPass = entry.via === 'sync' ? this.takePass(entry.sentUs) : undefined;
    for (const life of this.lives) if (life.undone === undefined) this.deliver(life, entry, readPass);
  }

  /** Responses are given in the order they were sent in, so the first pass of that time is the one. */
  private takePass(sentUs: number): PassEntry | undefined {
    this.passes = this.passes.filter(({ timeUs }) => timeUs >= sentUs);
    return this.passes.shift();
  }

  private deliver(life: EventLife, entry: Delivery, readPass: PassEntry | undefined): void {
    const { key, revision } = this.event;
    const place = entry.events.findIndex(
      ({ type, kv }) => type === life.type && kv.key === key && kv.modRevision === revision,
    );
    if (place === -1) return;
    if (life.deliveries.length === 0) life.readPass = readPass;
    life.deliveries.push({ entry, batch: this.batches, place: place + 1, brokenUs: undefined });
  }
}
