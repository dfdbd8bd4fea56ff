// A recorded stream as its forms have it in common: watches, each with what is known of its request, and responses.

import type { KeyRange } from '../../mvcc/key-range.js';
import type { KeyValue } from '../../mvcc/key-value.js';
import type { WatchEvent } from '../../mvcc/record.js';
import type { EventFilter } from '../../watch/event-filter.js';
import type { DeliveredEvent } from '../../watch/prev-kv.js';

/** Where something stands in the file. */
export interface Place {
  /** The line, from 1. */
  readonly line: number;
  /** The number, from 1, among the responses of a list that is on one line; undefined where each has a line. */
  readonly response?: number | undefined;
}

/** What a watch was asked for, as far as it is known. */
export interface KnownRequest {
  readonly range?: KeyRange | undefined;
  /** The first revision that it wants; undefined: unknown, or what came next. */
  readonly startRev?: number | undefined;
  readonly filters?: readonly EventFilter[] | undefined;
  /** Whether events come with the record before; undefined: known from the first event that has it. */
  readonly prevKv?: boolean | undefined;
}

/** A value as etcd's robustness tests write it: one of 20 bytes or more only as its hash. */
export interface ToldValue {
  /** Text, in which bytes that are not UTF-8 have become U+FFFD. */
  readonly text: string;
  /** FNV-1a of 32 bits; 0 for a value that is there as text. */
  readonly hash: number;
}

/** An event of which the stream tells only a part. The history completes it. */
export interface ToldEvent {
  readonly type: WatchEvent['type'];
  readonly keyText: string;
  readonly revision: number;
  readonly isCreate: boolean;
  readonly value: ToldValue;
  readonly before: { readonly value: ToldValue; readonly modRevision: number; readonly version: number } | undefined;
}

/** An event whose values, or the one before, were hidden when it was recorded. */
export interface HiddenEvent {
  readonly shown: DeliveredEvent;
  readonly hides: readonly ('value' | 'prevValue')[];
}

export type RecordedEvent = DeliveredEvent | { readonly told: ToldEvent } | { readonly hidden: HiddenEvent };

export type RecordedResponse = {
  /** `lost`: the recorder has lost the watch, for another reason than compaction. */
  readonly via: 'events' | 'progress' | 'cancel' | 'created' | 'lost';
  /** The revision in its header. */
  readonly revision: number;
  readonly events: readonly RecordedEvent[];
  /** Where the window began, in a cancel by compaction; else 0. */
  readonly compactRevision: number;
  /** More of the response follows in the next message. */
  readonly more: boolean;
  /** Where the window of the store began when previous values were looked up; undefined if it is not known. */
  readonly windowRev?: number | undefined;
};

/** An item of a recorded stream. `watch` names the watch; it is '*' for all watches of `stream`. */
export type RecordedItem =
  /** A watch is described, before its first response. */
  | {
      readonly kind: 'watch';
      readonly watch: string;
      readonly stream: string;
      readonly request: KnownRequest;
      readonly place: Place;
    }
  /** The stream says from which revision on a watch sees events. */
  | { readonly kind: 'start'; readonly watch: string; readonly fromRev: number }
  | {
      readonly kind: 'response';
      readonly watch: string;
      readonly stream: string;
      readonly response: RecordedResponse;
      readonly place: Place;
    }
  /** The client has listed what there is, and wants what comes from a revision on. */
  | { readonly kind: 'restart'; readonly watch: string; readonly fromRev: number }
  /** The cluster was restored from a backup: its history is another one from here on. */
  | { readonly kind: 'restored' }
  /** No more comes of the watch, unless its client lists again. */
  | { readonly kind: 'end'; readonly watch: string; readonly mayListAgain: boolean };

export const NO_BYTES: KeyValue['value'] = Buffer.alloc(0);
