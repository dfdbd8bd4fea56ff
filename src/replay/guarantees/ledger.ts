// A ledger counts the events that a watcher lost and those that it saw more than once, and names the first of each.

import type { EventName } from '../run/event-name.js';

export interface Account {
  readonly count: number;
  readonly first: readonly EventName[];
}

/** The most events that are kept by name. */
const MAX_NAMES = 20;

class Names {
  private readonly names: EventName[] = [];
  private total = 0;

  get account(): Account {
    return { count: this.total, first: this.names };
  }

  add(count: number, names: Iterable<EventName>): void {
    this.total += count;
    for (const name of names) {
      if (this.names.length >= MAX_NAMES) return;
      this.names.push(name);
    }
  }

  remove({ key, revision }: EventName): void {
    this.total--;
    const at = this.names.findIndex((name) => name.key === key && name.revision === revision);
    if (at >= 0) this.names.splice(at, 1);
  }
}

export class Ledger {
  private readonly missing = new Names();
  private readonly repeated = new Names();

  /** The events that later ones overtook, or that a synced watcher does not have. */
  get lost(): Account {
    return this.missing.account;
  }

  get twice(): Account {
    return this.repeated.account;
  }

  /** Notes lost events. It reads no more of `names` than it keeps. */
  lose(count: number, names: Iterable<EventName>): void {
    this.missing.add(count, names);
  }

  /** Notes that a lost event has come after all. */
  find(name: EventName): void {
    this.missing.remove(name);
  }

  repeat(name: EventName): void {
    this.repeated.add(1, [name]);
  }
}
