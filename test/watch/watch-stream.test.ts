import t from 'tap';
import { received, WatchBench } from '../support/watch-bench.js';

t.test('watch ids', async (t) => {
  const stream = new WatchBench().engine.openStream();
  const watch = (watchId?: number) => stream.watch({ key: 'a', watchId }).id;
  t.equal(watch(), 0);
  t.equal(watch(2), 2);
  t.equal(watch(), 1);
  t.equal(watch(0), 3, '0 is as none; 2 is taken');
  t.throws(() => watch(2), { code: 'USAGE', message: 'mvcc: duplicate watch ID provided on the WatchStream' });
  stream.cancel(2);
  t.equal(watch(2), 2, 'free again');
  stream.cancel(0);
  t.equal(watch(), 4, 'the stream does not go back');
  t.throws(() => stream.cancel(0), { code: 'WATCHER_NOT_FOUND', message: 'mvcc: watcher does not exist' });
  t.throws(() => stream.cancel(77), { code: 'WATCHER_NOT_FOUND' });
});

t.test('requests that are refused', async (t) => {
  const stream = new WatchBench().engine.openStream();
  for (const [key, end] of [
    ['b', 'b'],
    ['b', 'a'],
    ['b\0', 'b'],
  ] as const) {
    t.throws(() => stream.watch({ key, end }), { code: 'USAGE', message: 'mvcc: watcher range is empty' });
  }
  t.equal(stream.watch({ key: 'b', end: '' }).id, 0, 'a refused request takes no id');
  t.equal(stream.watch({ key: '', end: '\0' }).id, 1);
});

t.test('a stream holds so many responses', async (t) => {
  const bench = new WatchBench({ chanBufLen: 2 });
  const stream = bench.engine.openStream();
  const watcher = stream.watch({ key: 'a' });
  bench.commit('a', 'a');
  t.equal(stream.queued, 2);
  t.equal(watcher.group, 'synced');
  bench.commit('a');
  t.equal(stream.queued, 2);
  t.equal(watcher.group, 'victim');
  t.same(received(stream, 1), ['0 notify@2: +a@2']);
  t.same(received(stream, 0), []);
  t.same(received(stream), ['0 notify@3: +a@3']);
  t.same(received(stream), []);
});

t.test('watchers of one stream share its room, and its order', async (t) => {
  const bench = new WatchBench({ chanBufLen: 3 });
  const stream = bench.engine.openStream();
  const [one, two] = [stream.watch({ key: 'a' }), stream.watch({ key: '\0', end: '' })];
  bench.commit('a', 'b', 'a');
  t.same([one.group, two.group], ['victim', 'victim']);
  stream.cancel(one.id);
  t.same(received(stream), ['0 notify@2: +a@2', '1 notify@2: +a@2', '1 notify@3: +b@3'], 'what was queued stays');
  t.equal(bench.engine.moveVictims(), 1);
  t.same(received(stream), ['1 victim@4: +a@4']);
});

t.test('a stream that is emptied as it fills', async (t) => {
  const bench = new WatchBench({ chanBufLen: 1 });
  const taken: string[] = [];
  const stream = bench.engine.openStream((full) => taken.push(...received(full)));
  stream.watch({ key: 'a' });
  bench.commit('a', 'a', 'b', 'a');
  t.same(taken, ['0 notify@2: +a@2', '0 notify@3: +a@3', '0 notify@5: +a@5']);
  t.equal(stream.queued, 0);
});

t.test('progress', async (t) => {
  const bench = new WatchBench({ chanBufLen: 2 });
  bench.commit('a', 'a');
  const stream = bench.engine.openStream();
  t.equal(stream.requestProgressAll(), true, 'nobody is unsynced');
  t.same(received(stream), []);
  const synced = stream.watch({ key: 'a' });
  stream.requestProgress(synced.id);
  stream.requestProgress(99);
  t.same(received(stream), ['0 progress@3:']);
  t.equal(stream.requestProgressAll(), true);
  t.same(received(stream), ['-1 progress@3:']);

  const unsynced = stream.watch({ key: 'a', startRev: 2 });
  stream.requestProgress(unsynced.id);
  t.equal(stream.requestProgressAll(), false, 'one is unsynced');
  t.same(received(stream), []);
  bench.engine.syncWatchers();
  t.equal(stream.requestProgressAll(), true);
  t.same(received(stream), ['1 sync@3: +a@2 +a@3', '-1 progress@3:'], 'in order with the events');

  const future = stream.watch({ key: 'a', startRev: 5 });
  stream.requestProgress(future.id);
  t.equal(stream.requestProgressAll(), false, 'one waits for its start');
  t.same(received(stream), []);
  bench.commit('b', 'b');
  stream.requestProgress(future.id);
  t.same(received(stream), ['2 progress@5:']);

  bench.commit('a');
  t.equal(stream.queued, 2);
  t.equal(future.group, 'victim');
  stream.requestProgress(synced.id);
  t.equal(stream.requestProgressAll(), false, 'one is a victim');
  t.equal(stream.queued, 2, 'a full stream takes no progress');
  t.same(received(stream), ['0 notify@6: +a@6', '1 notify@6: +a@6']);
});
