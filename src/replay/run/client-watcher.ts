// A client watcher is a watcher as its client sees it, across connections. It remembers what the client has to know of
// the responses, and says from which revision the client resumes.

import type { WatchSpec } from '../../requests/watch-spec.js';
import type { WatchResponse } from '../../watch/watcher.js';
import type { ResumeFrom } from './replay-options.js';

export class ClientWatcher {
  /** The id that the server gave it; undefined while the server has no such watcher. */
  id: number | undefined;
  /** Whether the server was ever asked for the watcher. */
  private asked = false;
  private hasEnded = false;
  private isLost = false;
  /** The first revision behind the last event. */
  private nextRev: number;
  private lastHeaderRev = 0;
  private lastProgressRev = 0;
  /** The revision that ends the first half of the last response with events. */
  private handledRev = 0;
  /** The revision in the header of the last created answer, until an event comes. */
  private createdRev: number | undefined;

  /** `currentRev` is where the store stands when the watcher is asked for. */
  constructor(
    readonly spec: WatchSpec,
    readonly startRev: number,
    currentRev: number,
  ) {
    this.nextRev = startRev > 0 ? startRev : currentRev + 1;
  }

  get name(): string {
    return this.spec.name;
  }

  /** The first revision behind what it was given; before that, its start. */
  get nextRevision(): number {
    return this.nextRev;
  }

  /** Whether compaction, the client or a refusal has ended the watcher. */
  get ended(): boolean {
    return this.hasEnded;
  }

  /** Whether compaction has ended the watcher, and its client has not listed again since. */
  get lost(): boolean {
    return this.isLost;
  }

  /** Whether a new connection resumes the watcher. One that was never asked for begins at its start revision. */
  get resumes(): boolean {
    return this.asked;
  }

  /** Notes the id under which the server has started the watcher. */
  attach(id: number): void {
    this.id = id;
    this.asked = true;
  }

  /** Forgets the id, because the server has no such watcher any more. */
  detach(): void {
    this.id = undefined;
  }

  /** Ends the watcher, because the server has refused it or the client wants no more of it. */
  end(): void {
    this.hasEnded = true;
    this.isLost = false;
  }

  /** Begins anew behind a revision, whose state the client has listed. */
  relist(listRev: number): void {
    this.hasEnded = false;
    this.isLost = false;
    this.nextRev = listRev + 1;
    this.lastHeaderRev = 0;
    this.lastProgressRev = 0;
    this.handledRev = 0;
    this.createdRev = undefined;
  }

  /** Notes the answer that the watcher was created; `revision` is that of its header. */
  noteCreated(revision: number): void {
    this.createdRev = revision;
  }

  remember({ via, revision, events }: WatchResponse): void {
    if (via === 'cancel') {
      this.hasEnded = true;
      this.isLost = true;
      return;
    }
    this.lastHeaderRev = revision;
    if (via === 'progress') {
      this.lastProgressRev = revision;
      // The client has dealt with all that it was given before.
      if (this.handledRev > 0) this.handledRev = this.nextRev - 1;
    } else {
      this.handledRev = events[handledCount(events) - 1]!.kv.modRevision;
      this.nextRev = events[events.length - 1]!.kv.modRevision + 1;
      this.createdRev = undefined;
    }
  }

  /** Returns the revision from which a client with this rule resumes; 0 for what comes next. */
  resumeRevision(rule: ResumeFrom): number {
    switch (rule) {
      case 'lastEvent':
        return this.nextRev;
      case 'header':
        return this.lastHeaderRev > 0 ? this.lastHeaderRev + 1 : this.nextRev;
      case 'progress':
        return this.lastProgressRev > 0 ? this.lastProgressRev + 1 : this.nextRev;
      case 'midTransaction':
        return this.handledRev > 0 ? this.handledRev + 1 : this.nextRev;
      case 'bookmark':
        return Math.max(this.nextRev, this.lastProgressRev + 1);
      case 'start':
        return this.startRev;
      case 'now':
        return 0;
      case 'created':
        return this.createdRev ?? this.nextRev;
    }
  }
}

/** Returns what a client that stops within a transaction has dealt with of its last response: the first half. */
export function handledEvents<T>(events: readonly T[]): readonly T[] {
  return events.slice(0, handledCount(events));
}

function handledCount(events: readonly unknown[]): number {
  return Math.floor((events.length + 1) / 2);
}
