// Listens to a replay for what becomes of one event on its way to one watcher.

import type { StoredRecord } from '../../mvcc/record.js';
import { ALL_ON_STREAM, streamOf, type WatchSpec } from '../../requests/watch-spec.js';
import type { Because } from '../../watch/watch-observer.js';
import type { EventName } from '../run/event-name.js';
import type {
  AnswerEntry,
  ClientEntry,
  CommitEntry,
  Delivery,
  EndEntry,
  GroupEntry,
  PassEntry,
  TraceEntry,
} from '../run/trace.js';

type EventType = Delivery['events'][number]['type'];

/** A change of the watcher's group, or of its client's connection. */
export type LifeChange = GroupEntry | ClientEntry;

export interface LifeDelivery {
  readonly entry: Delivery;
  /** The number of the batch among the watcher's batches, and the place of the event in it; both count from 1. */
  readonly batch: number;
  readonly place: number;
  /** The time when the connection broke while this was the newest response. */
  brokenUs: number | undefined;
}

/** The moment when the store went back to a revision, by a restart or by a restore from a backup. */
export interface Undoing {
  readonly timeUs: number;
  readonly currentRev: number;
  readonly byBackup: boolean;
}

/**
 * One life of the event: it begins when the event is in the store, and ends when a restart or a restore sets the store
 * back to a revision before it. The event may be written again, and then has another life.
 */
export class EventLife {
  readonly deliveries: LifeDelivery[] = [];
  /** The pass that sent it for the first time. */
  readPass: PassEntry | undefined;
  /**
   * The first time that the client resumed after the event; undefined when the client came back before the event later.
   */
  skippedBy: ClientEntry | undefined;
  /** The moment when the store went back to a revision before the event. */
  undone: Undoing | undefined;

  /**
   * `committedUs` is undefined for an event that was there before the replay began. `changes` begins with the last ones
   * before the commit, and then holds all until the event is delivered.
   */
  constructor(
    readonly type: EventType,
    readonly committedUs: number | undefined,
    readonly changes: LifeChange[],
  ) {}

  get isOpen(): boolean {
    return this.undone === undefined && this.deliveries.length === 0 && this.skippedBy?.what !== 'relisted';
  }
}

/** The reasons that mean that a pass has sent the watcher no events. */
const NOTHING_SENT: ReadonlySet<Because> = new Set([
  'nothingToRead',
  'streamFull',
  'compacted',
  'compactedButKept',
  'cancelDelayed',
] as const);

/** Listens to a replay on behalf of one watcher. */
export class LifeListener {
  /** The lives of the event, in the order of time. */
  readonly lives: EventLife[] = [];
  /** The entry of the watcher's first start. */
  started: GroupEntry | undefined;
  /** The watcher's last change of group. */
  group: GroupEntry | undefined;
  /** Whether a pass has looked at the watcher since then, so that it may need a later revision. */
  movedOn = false;
  /** The first cancel response that the client was given, and has not answered with a list. */
  cancel: Delivery | undefined;
  /** The entry that says that the client has cancelled the watcher. */
  left: LifeChange | undefined;
  /** The answer with which the server has refused the watcher. */
  refused: AnswerEntry | undefined;
  end: EndEntry | undefined;
  /** The time of the last restore from a backup. */
  restoredUs: number | undefined;
  private skippedBy: ClientEntry | undefined;
  private batches = 0;
  private newest: Delivery | undefined;
  /** The passes that may have sent the watcher what its client was not given yet. */
  private passes: PassEntry[] = [];

  /** `present` holds the event's records that are there before the replay begins. */
  constructor(
    private readonly event: EventName,
    readonly spec: WatchSpec,
    present: readonly StoredRecord[],
  ) {
    for (const { tombstone } of present) this.lives.push(new EventLife(tombstone ? 'DELETE' : 'PUT', undefined, []));
  }

  add(entry: TraceEntry): void {
    const { timeUs } = entry;
    const restored = entry.kind === 'action' ? entry.restored : undefined;
    if (restored !== undefined) this.restoredUs = timeUs;
    const currentRev = restored?.backupRev ?? entry.currentRev;
    if (currentRev < this.event.revision) {
      const byBackup = restored !== undefined;
      for (const life of this.lives) life.undone ??= { timeUs, currentRev, byBackup };
    }
    const { name } = this.spec;
    if (entry.kind === 'end') this.end = entry;
    else if (entry.kind === 'commit') this.addCommit(entry);
    else if (entry.kind === 'pass' && entry.chosen.includes(name)) this.addPass(entry);
    else if (entry.kind === 'group' && entry.watcher === name) this.addGroup(entry);
    else if (entry.kind === 'client' && entry.watcher === name) this.addClient(entry);
    else if (entry.kind === 'answer' && entry.watcher === name && entry.what === 'refused') this.refused = entry;
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
    this.addChange(entry);
    if (entry.what === 'resumed' || entry.what === 'relisted') this.resume(entry);
  }

  /** A broken connection loses what is queued. */
  private breakOff(timeUs: number): void {
    this.passes = [];
    this.left = undefined;
    for (const { deliveries } of this.lives) {
      const last = deliveries[deliveries.length - 1];
      if (last !== undefined && last.entry === this.newest) last.brokenUs ??= timeUs;
    }
  }

  private resume(entry: ClientEntry): void {
    if (entry.what === 'relisted') this.cancel = undefined;
    this.skippedBy = entry.startRev! > this.event.revision ? (this.skippedBy ?? entry) : undefined;
    for (const life of this.lives) if (life.isOpen) life.skippedBy = this.skippedBy;
  }

  private addChange(entry: LifeChange): void {
    for (const life of this.lives) if (life.isOpen) life.changes.push(entry);
  }

  /** Progress of the whole stream is a response to this watcher, too. */
  private addResponse(entry: Delivery): void {
    const isForAll = entry.watcher === ALL_ON_STREAM && entry.stream === streamOf(this.spec);
    if (entry.watcher !== this.spec.name && !isForAll) return;
    this.newest = entry;
    if (entry.via === 'cancel') this.cancel ??= entry;
    if (entry.events.length > 0) this.batches++;
    const readPass = entry.via === 'sync' ? this.takePass(entry.sentUs) : undefined;
    for (const life of this.lives) if (life.undone === undefined) this.deliver(life, entry, readPass);
  }

  /**
   * Returns the pass that sent a response. Responses are taken in the order in which they were sent, so that it is the
   * first pass of that time.
   */
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
