// A scenario as it is written down: the plain object that its schema (scenario-schema.ts) describes.

import type { PassCost } from '../run/pass-cost.js';
import type { ClientKind, OnCompacted, ResumeFrom } from '../run/replay-options.js';

export interface PutText {
  readonly key: string;
  readonly value?: string;
  readonly keyHex?: boolean;
  readonly valueHex?: boolean;
}

/** A range: one key, [key, end), all keys with a prefix, or all keys from one on. */
export interface RangeText {
  readonly key: string;
  readonly end?: string;
  readonly prefix?: boolean;
  readonly fromKey?: boolean;
  readonly keyHex?: boolean;
}

export interface ChangeText {
  readonly put?: PutText;
  readonly delete?: RangeText;
}

export interface CommitText extends ChangeText {
  readonly txn?: readonly ChangeText[];
  readonly repeat?: number;
}

export interface HistoryText {
  readonly database?: string;
  readonly commits?: readonly CommitText[];
}

export interface WatcherText extends RangeText {
  readonly name: string;
  readonly rev?: number;
  readonly filter?: readonly string[];
  readonly prevKv?: boolean;
  readonly progressNotify?: boolean;
  readonly fragment?: boolean;
  readonly stream?: string;
}

/** Watchers, as many as `repeat` says; {i} in their fields is the number of each. */
export interface WatchersText extends WatcherText {
  readonly repeat?: number;
}

export type ConsumerText = 'atOnce' | 'never' | { readonly every: string } | { readonly eventsPerSecond: number };

/** Clients of a cache, as many as `repeat` says; {i} in their fields is the number of each. */
export interface CacheClientsText extends Partial<RangeText> {
  readonly name: string;
  readonly at?: string;
  readonly until?: string;
  readonly rev?: number;
  readonly consumer?: ConsumerText;
  readonly channel?: number;
  readonly reconnectAfter?: string;
  readonly repeat?: number;
}

export interface CacheText {
  readonly minCapacity?: number;
  readonly maxCapacity?: number;
  readonly freshFor?: string;
  readonly bookmarkEvery?: string;
  readonly progressEvery?: string;
  readonly clients?: readonly CacheClientsText[];
}

export interface StreamText {
  readonly consumer?: ConsumerText;
  readonly disconnectAt?: readonly string[];
  readonly reconnectAfter?: string;
  readonly client?: ClientKind;
  readonly resumeFrom?: ResumeFrom;
  readonly onCompacted?: OnCompacted;
  readonly relistAfter?: string;
  readonly cache?: CacheText;
}

type RevisionText = number | { readonly behind: number };

/** A restore from the backup of a revision. */
interface BackupText {
  readonly to: RevisionText;
  readonly bumpRevision?: number;
  readonly markCompacted?: boolean;
}

export interface ActionText {
  readonly at: string;
  readonly watch?: WatcherText;
  readonly cancel?: string;
  readonly compact?: RevisionText;
  readonly restart?: 'clean' | 'cutShort';
  readonly restore?: true | BackupText;
  readonly progress?: string;
  readonly stall?: string;
  readonly for?: string;
}

export interface ParametersText {
  readonly chanBufLen?: number;
  readonly maxWatchersPerSync?: number;
  readonly watchBatchMaxRevs?: number;
  readonly resyncPeriod?: string;
  readonly victimRetry?: string;
  readonly progressNotifyInterval?: string;
  readonly maxRequestBytes?: number;
}

export interface LimitsText {
  readonly lag?: number;
  readonly delay?: string;
  readonly memory?: string;
}

/** A scenario without its history. */
export interface ConditionsText {
  readonly about?: string;
  readonly base?: number;
  readonly from?: number;
  readonly to?: number;
  /** A scenario file always has `perSecond` or `clock`; flags may give `poisson` alone. */
  readonly arrivals?: { readonly perSecond?: number; readonly poisson?: boolean; readonly clock?: string };
  readonly watchers?: readonly WatchersText[];
  readonly watchersFrom?: readonly string[];
  readonly etcdPrefix?: string;
  readonly streams?: Readonly<Record<string, StreamText>>;
  readonly actions?: readonly ActionText[];
  readonly parameters?: ParametersText;
  readonly cost?: string | PassCost;
  readonly limits?: LimitsText;
  readonly etcd?: string;
  readonly seed?: number;
  readonly until?: string;
}

export interface ScenarioText extends ConditionsText {
  readonly history: HistoryText;
}
