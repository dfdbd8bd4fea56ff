// What a stream does not say of its watches is taken from their events, as far as they prove it: a watched range has no
// holes, so that all keys between the lowest and the highest one were watched; a watch that brought no deletion may have
// left them out.

import type { EventFilter } from '../../watch/event-filter.js';
import type { KnownRequest, RecordedEvent, RecordedItem } from './recorded.js';

class Guess {
  private lowest: string | undefined;
  private highest = '';
  private puts = false;
  private deletes = false;

  add(event: RecordedEvent): void {
    if ('told' in event) return;
    const { type, kv } = 'hidden' in event ? event.hidden.shown : event;
    if (this.lowest === undefined || kv.key < this.lowest) this.lowest = kv.key;
    if (kv.key > this.highest) this.highest = kv.key;
    if (type === 'PUT') this.puts = true;
    else this.deletes = true;
  }

  get request(): KnownRequest | undefined {
    const { lowest, highest } = this;
    if (lowest === undefined) return undefined;
    const filters: EventFilter[] = [];
    if (!this.puts) filters.push('noput');
    if (!this.deletes) filters.push('nodelete');
    return { range: lowest === highest ? { key: lowest } : { key: lowest, end: `${highest}\0` }, filters };
  }
}

export class WatchedGuess {
  private readonly guesses = new Map<string, Guess>();
  private readonly described = new Set<string>();

  /** Takes an item; returns false when there is nothing to guess, as the stream describes its watches. */
  add(item: RecordedItem): boolean {
    if (item.kind === 'watch') this.described.add(item.watch);
    if (item.kind !== 'response') return true;
    if (this.described.has(item.watch)) return false;
    let guess = this.guesses.get(item.watch);
    if (guess === undefined) {
      guess = new Guess();
      this.guesses.set(item.watch, guess);
    }
    for (const event of item.response.events) guess.add(event);
    return true;
  }

  /** Returns what is certain of a watch; undefined for one without events. */
  requestOf(watch: string): KnownRequest | undefined {
    return this.guesses.get(watch)?.request;
  }
}
