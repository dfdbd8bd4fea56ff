// A server stream is the server's end of a client's connection, as serverWatchStream in etcd's v3rpc/watch.go. It takes
// the client's requests, and makes messages of what the engine sends.
//
//   create, cancel ───→ watch stream of the engine ───→ previous records, fragments ──┐
//        │                                                                            ├──→ messages to the client
//        └──→ answers: created, cancelled; before 3.4.25 and 3.5.8 progress too ──────┘
//
// A response to a watcher whose created answer was not sent yet waits for that answer, and then goes out whole. No
// message comes between those of one response. The server stream has no timers: its driver says when a request is
// answered, when a message is taken, and when the interval of progress notifications has passed.
//
// Differs from etcd: where there are answers and responses to send, etcd takes either at random; here answers go first.

import { Fifo } from '../adt/fifo.js';
import type { History } from '../mvcc/history.js';
import { fragmentsOf } from './fragments.js';
import { type DeliveredEvent, withPrevKv } from './prev-kv.js';
import type { WatchBehaviours } from './watch-behaviour.js';
import type { WatchEngine } from './watch-engine.js';
import type { WatchStream } from './watch-stream.js';
import { ALL_WATCHERS, type WatchRequest, type WatchResponse } from './watcher.js';

/** The part of a watch request that the engine does not see. */
export interface ClientSettings {
  /** Each event comes with the record before. */
  readonly prevKv?: boolean | undefined;
  /** The watcher is sent progress when an interval has passed without events. */
  readonly progressNotify?: boolean | undefined;
  /** A response that is too large for one message comes in several. */
  readonly fragment?: boolean | undefined;
}

/** A message from the server to the client. */
export type ServerMessage =
  | {
      readonly kind: 'answer';
      /** A refused watcher is created and cancelled in one answer, because its start revision is below 0. */
      readonly what: 'created' | 'cancelled' | 'refused';
      readonly watchId: number;
      readonly revision: number;
    }
  | {
      readonly kind: 'response';
      readonly response: SentResponse;
      /** The driver's time when the response was put into the watch stream. */
      readonly sentAt: number;
      /** The response goes on in the next message. */
      readonly more: boolean;
    };

export interface SentResponse extends WatchResponse {
  readonly events: readonly DeliveredEvent[];
}

/** The ways in which a progress request can end. */
export type ProgressOutcome =
  /** The answer is on its way to the client. */
  | 'answered'
  /** No answer comes, because some watcher of the stream is not synced or waits for its start. */
  | 'notSynced'
  /** The answer comes when every watcher of the stream is synced. */
  | 'deferred'
  /** No answer comes, because an earlier request waits for its own. */
  | 'swallowed'
  /** No answer comes, because the stream has no watchers. */
  | 'noWatchers'
  /** No answer comes, because the stream was full. */
  | 'streamFull';

export interface ServerHost {
  readonly behaviours: WatchBehaviours;
  /** A larger response is cut for a watcher with `fragment`. */
  readonly maxMessageBytes: number;
  readonly store: Pick<History, 'currentRev' | 'compactRev' | 'range'>;
  now(): number;
  /** Runs a task when the engine is at rest. The server takes responses while the engine may be in a sync pass. */
  whenAtRest(task: () => void): void;
  /** The engine put a response into the watch stream. */
  onQueued(response: WatchResponse): void;
  /** The response stays in the watch stream, since the client has not taken it at once. */
  onWaiting?(response: WatchResponse): void;
  /** The server took a response off the watch stream. `waited` says whether it had stayed there. */
  onTaken(response: WatchResponse, waited: boolean): void;
  /** The client may find a message to take. */
  onReady(): void;
}

type ResponseMessage = Extract<ServerMessage, { kind: 'response' }>;

/** A watcher as the server knows it. */
interface Served extends ClientSettings {
  /** The client has been sent the created answer. */
  announced: boolean;
  /** The watcher was sent no events in this interval, so that progress is due at its end. */
  progressDue: boolean;
  /** The responses that wait for the created answer. */
  readonly early: ResponseMessage[];
}

export class ServerStream {
  private readonly stream: WatchStream;
  private readonly sentAt = new Fifo<number>();
  private readonly served = new Map<number, Served>();
  /** The watch ids whose creation was not answered yet; ALL_WATCHERS stands for a watcher that is refused. */
  private readonly unanswered = new Fifo<number>();
  private readonly answers = new Fifo<ServerMessage>();
  /** The messages that were made of responses and were not taken yet. */
  private readonly made = new Fifo<ResponseMessage>();
  private progressDeferred = false;
  /** The number of notifications of progress in the watch stream. */
  private notifications = 0;
  /** The numbers of responses that were put into the watch stream, and that were taken off it. */
  private queuedCount = 0;
  private takenCount = 0;
  /** The number of the last response that was not taken at once. */
  private waitingUpTo = 0;

  constructor(
    engine: WatchEngine,
    private readonly host: ServerHost,
  ) {
    this.stream = engine.openStream((_, response) => {
      this.sentAt.push(host.now());
      if (isNotification(response)) this.notifications++;
      const number = ++this.queuedCount;
      host.onQueued(response);
      host.onReady();
      if (this.takenCount >= number) return;
      this.waitingUpTo = number;
      host.onWaiting?.(response);
    });
  }

  /** The number of responses that were not taken yet. */
  get queued(): number {
    return this.stream.queued + this.made.size;
  }

  /** Whether the next message is an answer. */
  get hasAnswers(): boolean {
    return this.answers.size > 0 && this.made.size === 0;
  }

  /** Whether notifications of progress are all that there is to take. They go on for ever, whatever else happens. */
  get onlyNotifies(): boolean {
    return this.answers.size === 0 && this.queued === this.notifications;
  }

  /** Starts a watcher and returns its id; undefined when it is refused. `answer` answers the request. Throws USAGE. */
  create(request: WatchRequest & ClientSettings): number | undefined {
    if ((request.startRev ?? 0) < 0 && !this.host.behaviours.has('negativeStart')) {
      this.unanswered.push(ALL_WATCHERS);
      return undefined;
    }
    const { id } = this.stream.watch(request);
    const { prevKv, progressNotify, fragment } = request;
    this.served.set(id, { prevKv, progressNotify, fragment, announced: false, progressDue: true, early: [] });
    this.unanswered.push(id);
    return id;
  }

  /**
   * Answers the creations that were not answered yet. Every later request does the same, because the server takes one
   * request after the other.
   */
  answer(): void {
    const { currentRev: revision } = this.host.store;
    for (const watchId of this.unanswered.take(Number.POSITIVE_INFINITY)) {
      this.answers.push({
        kind: 'answer',
        what: watchId === ALL_WATCHERS ? 'refused' : 'created',
        watchId,
        revision,
      });
    }
    this.host.onReady();
  }

  /** Ends a watcher. Throws WATCHER_NOT_FOUND. */
  cancel(id: number): void {
    this.answer();
    this.stream.cancel(id);
    this.answers.push({ kind: 'answer', what: 'cancelled', watchId: id, revision: this.host.store.currentRev });
    this.host.onReady();
  }

  /** Takes a client's request for progress of the whole stream. */
  requestProgress(): ProgressOutcome {
    this.answer();
    const { behaviours, store, now } = this.host;
    if (behaviours.has('progressAll')) {
      const response = { ...PROGRESS, revision: store.currentRev };
      this.answers.push({ kind: 'response', response, sentAt: now(), more: false });
      this.host.onReady();
      return 'answered';
    }
    if (this.progressDeferred) return 'swallowed';
    if (this.stream.isEmpty) return 'noWatchers';
    const { full } = this.stream;
    if (this.stream.requestProgressAll()) return full ? 'streamFull' : 'answered';
    this.progressDeferred = behaviours.has('deferredProgress');
    return this.progressDeferred ? 'deferred' : 'notSynced';
  }

  /** Notifies the watchers of progress. The driver calls it each time the interval has passed. */
  notifyProgress(): void {
    for (const [id, served] of this.served) {
      if (!served.progressNotify) continue;
      if (served.progressDue) this.stream.requestProgress(id);
      served.progressDue = true;
    }
  }

  /** Takes and returns the next message to the client; undefined when there is none. */
  next(): ServerMessage | undefined {
    if (this.hasAnswers) {
      const answer = this.answers.shift()!;
      if (answer.kind === 'answer') this.announce(answer.what, answer.watchId);
      return answer;
    }
    while (this.made.size === 0) {
      const [response] = this.stream.take(1);
      if (response === undefined) return undefined;
      this.send(response, this.sentAt.shift()!);
    }
    return this.made.shift();
  }

  /** Ends the connection, and returns the responses that the server did not take. */
  close(): WatchResponse[] {
    this.answers.clear();
    this.made.clear();
    this.sentAt.clear();
    this.unanswered.clear();
    this.notifications = 0;
    return this.stream.close();
  }

  private announce(what: 'created' | 'cancelled' | 'refused', watchId: number): void {
    if (what === 'cancelled') this.served.delete(watchId);
    const served = this.served.get(watchId);
    if (what !== 'created' || served === undefined) return;
    served.announced = true;
    for (const message of served.early.splice(0)) this.made.push(message);
  }

  private send(response: WatchResponse, sentAt: number): void {
    const { watchId, events } = response;
    if (isNotification(response)) this.notifications--;
    this.takenCount++;
    this.host.onTaken(response, this.takenCount <= this.waitingUpTo);
    if (watchId === ALL_WATCHERS) {
      this.made.push({ kind: 'response', response, sentAt, more: false });
    } else {
      const served = this.served.get(watchId);
      // The client has cancelled the watcher.
      if (served === undefined) return;
      const sent = served.prevKv
        ? { ...response, events: events.map((event) => withPrevKv(this.host.store, event)) }
        : response;
      if (!served.announced) {
        served.early.push({ kind: 'response', response: sent, sentAt, more: false });
        return;
      }
      this.cut(sent, served, sentAt);
      if (events.length > 0) served.progressDue = false;
    }
    if (this.progressDeferred) this.host.whenAtRest(() => this.answerDeferred());
  }

  private answerDeferred(): void {
    if (this.progressDeferred && this.stream.requestProgressAll()) this.progressDeferred = false;
  }

  private cut(response: SentResponse, { fragment }: Served, sentAt: number): void {
    const parts = fragment ? fragmentsOf(response, this.host.maxMessageBytes) : [];
    if (parts.length < 2) {
      this.made.push({ kind: 'response', response, sentAt, more: false });
      return;
    }
    for (const [i, events] of parts.entries()) {
      this.made.push({ kind: 'response', response: { ...response, events }, sentAt, more: i < parts.length - 1 });
    }
  }
}

/** Returns whether a response is progress by interval, and not the answer to a request. */
const isNotification = ({ via, watchId }: WatchResponse): boolean => via === 'progress' && watchId !== ALL_WATCHERS;

const PROGRESS = { watchId: ALL_WATCHERS, via: 'progress', events: [], compactRevision: 0 } as const;
