// The server's end of a connection handles the requests of the client and the messages of the engine.

import t from 'tap';
import { type ServerMessage, ServerStream } from '../../src/watch/server-stream.js';
import type { WatchBehaviour } from '../../src/watch/watch-behaviour.js';
import { shortResponse, WatchBench } from '../support/watch-bench.js';

class ServerBench extends WatchBench {
  readonly server: ServerStream;

  constructor(behaviours: readonly WatchBehaviour[] = [], maxMessageBytes = 1_000_000, chanBufLen = 128) {
    super({ chanBufLen }, {}, new Set(behaviours));
    this.server = new ServerStream(this.engine, {
      behaviours: new Set(behaviours),
      maxMessageBytes,
      store: this.store,
      now: () => 0,
      whenAtRest: (task) => task(),
      onQueued: () => undefined,
      onTaken: () => undefined,
      onReady: () => undefined,
    });
  }

  /** Takes all messages that are there. */
  taken(): string[] {
    const messages: string[] = [];
    for (let message = this.server.next(); message !== undefined; message = this.server.next()) {
      messages.push(shortMessage(message));
    }
    return messages;
  }
}

function shortMessage(message: ServerMessage): string {
  if (message.kind === 'answer') return `${message.watchId} ${message.what}@${message.revision}`;
  return `${shortResponse(message.response)}${message.more ? ' …' : ''}`;
}

t.test('created and cancelled answers', async (t) => {
  const bench = new ServerBench();
  const { server } = bench;
  const id = server.create({ key: 'a' })!;
  t.same(bench.taken(), [], 'it is not answered yet');
  server.answer();
  t.equal(server.hasAnswers, true);
  t.same(bench.taken(), ['0 created@1']);
  bench.commit('a', 'a');
  t.equal(server.queued, 2);
  server.cancel(id);
  t.same(bench.taken(), ['0 cancelled@3'], 'what is queued for it is dropped');
  t.equal(server.queued, 0);
  t.throws(() => server.cancel(id), { code: 'WATCHER_NOT_FOUND' });
});

t.test('a request is answered before the next one', async (t) => {
  const bench = new ServerBench();
  bench.server.cancel(bench.server.create({ key: 'a' })!);
  t.same(bench.taken(), ['0 created@1', '0 cancelled@1']);
});

t.test('what is sent before the created answer comes behind it', async (t) => {
  const bench = new ServerBench([], 0);
  bench.server.create({ key: 'a', fragment: true });
  bench.commit('a b a');
  t.same(bench.taken(), []);
  bench.server.answer();
  t.same(bench.taken(), ['0 created@2', '0 notify@2: +a@2 +a@2'], 'whole, whatever its size');
  bench.commit('a b a');
  t.same(bench.taken(), ['0 notify@3: +a@3 …', '0 notify@3: +a@3'], 'a revision is cut');
});

t.test('records before are added, and count for the size', async (t) => {
  const bench = new ServerBench();
  bench.server.create({ key: 'a', prevKv: true });
  bench.server.answer();
  bench.taken();
  bench.commit('a', 'a');
  bench.server.next();
  const message = bench.server.next();
  t.match(message, { kind: 'response', response: { events: [{ prevKv: { modRevision: 2 } }] } });
});

t.test('a start revision below 0', async (t) => {
  const bench = new ServerBench();
  t.equal(bench.server.create({ key: 'a', startRev: -1 }), undefined);
  t.equal(bench.server.create({ key: 'a' }), 0);
  bench.server.answer();
  t.same(bench.taken(), ['-1 refused@1', '0 created@1']);
});

// In etcd pull request 20693, revision -1 does not count as compacted while nothing is compacted, and a pass from there
// reads nothing.
t.test('a start revision below 0, in older releases', async (t) => {
  for (const behaviours of [['negativeStart'], ['negativeStart', 'eventsKept']] as const) {
    const bench = new ServerBench(behaviours);
    bench.commit('a', 'a');
    for (const startRev of [-1, 2, -2]) bench.server.create({ key: 'a', startRev });
    bench.server.answer();
    t.equal(bench.engine.syncWatchers(), 0);
    t.same(bench.taken(), ['0 created@3', '1 created@3', '2 created@3', '2 compacted@-1']);
    bench.commit('a');
    t.same(bench.taken(), ['0 notify@4: +a@4', '1 notify@4: +a@4'], 'revisions 2 and 3 are lost');
  }
});

/** Sends two progress requests while a watcher is unsynced, one when it is synced, and one behind an event. */
function progressOf(behaviours: readonly WatchBehaviour[], key = 'a') {
  const bench = new ServerBench(behaviours);
  bench.commit('a');
  bench.server.create({ key, startRev: 2 });
  bench.server.answer();
  bench.taken();
  const outcomes = [bench.server.requestProgress(), bench.server.requestProgress()];
  const before = bench.taken();
  bench.engine.syncWatchers();
  const synced = bench.taken();
  outcomes.push(bench.server.requestProgress());
  const after = bench.taken();
  return { outcomes, before, synced, after };
}

t.test('progress of the whole stream', async (t) => {
  t.same(progressOf([]), {
    outcomes: ['notSynced', 'notSynced', 'answered'],
    before: [],
    synced: ['0 sync@2: +a@2'],
    after: ['-1 progress@2:'],
  });
  t.same(progressOf(['deferredProgress']), {
    outcomes: ['deferred', 'swallowed', 'answered'],
    before: [],
    synced: ['0 sync@2: +a@2', '-1 progress@2:'],
    after: ['-1 progress@2:'],
  });
  t.same(progressOf(['deferredProgress'], 'z'), {
    outcomes: ['deferred', 'swallowed', 'swallowed'],
    before: [],
    synced: [],
    after: [],
  });
  t.same(progressOf(['progressAll']), {
    outcomes: ['answered', 'answered', 'answered'],
    before: ['-1 progress@2:', '-1 progress@2:'],
    synced: ['0 sync@2: +a@2'],
    after: ['-1 progress@2:'],
  });
});

t.test('progress of a stream without watchers', async (t) => {
  for (const behaviours of [[], ['deferredProgress']] as const) {
    const bench = new ServerBench(behaviours);
    t.equal(bench.server.requestProgress(), 'noWatchers');
    t.same(bench.taken(), []);
  }
  const bench = new ServerBench(['progressAll']);
  bench.server.requestProgress();
  t.same(bench.taken(), ['-1 progress@1:']);
});

t.test('progress, before 3.4.25 and 3.5.8, passes what waits', async (t) => {
  const bench = new ServerBench(['progressAll'], 1_000_000, 1);
  bench.server.create({ key: 'a' });
  bench.server.answer();
  bench.taken();
  bench.commit('a', 'a', 'a');
  bench.server.requestProgress();
  t.same(bench.taken(), ['-1 progress@4:', '0 notify@2: +a@2']);
});

// Progress once came between the messages of a response, and a client mixed up the events of the two.
t.test('no answer comes between the messages of a response', async (t) => {
  const bench = new ServerBench(['progressAll'], 0);
  const { server } = bench;
  const id = server.create({ key: 'a', fragment: true })!;
  server.answer();
  bench.taken();
  bench.commit('a b a');
  t.equal(shortMessage(server.next()!), '0 notify@2: +a@2 …');
  server.requestProgress();
  server.cancel(id);
  t.equal(server.hasAnswers, false, 'the response goes first');
  t.same(bench.taken(), ['0 notify@2: +a@2', '-1 progress@2:', '0 cancelled@2']);
});

t.test('progress that finds the stream full is lost', async (t) => {
  const bench = new ServerBench([], 1_000_000, 1);
  bench.server.create({ key: 'a' });
  bench.server.answer();
  bench.taken();
  bench.commit('a');
  t.equal(bench.server.requestProgress(), 'streamFull');
  t.same(bench.taken(), ['0 notify@2: +a@2']);
  t.equal(bench.server.requestProgress(), 'answered');
});

t.test('progress notifications', async (t) => {
  const bench = new ServerBench();
  const { server } = bench;
  server.create({ key: 'a', progressNotify: true });
  server.create({ key: 'a' });
  server.answer();
  bench.taken();
  server.notifyProgress();
  t.same(bench.taken(), ['0 progress@1:']);
  bench.commit('a');
  t.same(bench.taken(), ['0 notify@2: +a@2', '1 notify@2: +a@2']);
  server.notifyProgress();
  t.same(bench.taken(), [], 'it was sent events in the interval');
  bench.commit('z');
  server.notifyProgress();
  t.same(bench.taken(), ['0 progress@3:'], 'events for others do not count');
});

t.test('a connection that is gone', async (t) => {
  const bench = new ServerBench();
  bench.server.create({ key: 'a' });
  bench.server.answer();
  bench.commit('a', 'a');
  t.equal(bench.server.close().length, 2);
  t.same(bench.taken(), []);
  t.equal(bench.server.queued, 0);
});
