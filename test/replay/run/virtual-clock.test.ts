import t from 'tap';
import { VirtualClock } from '../../../src/replay/run/virtual-clock.js';

t.test('tasks run by time, and those of one time as they were queued', async (t) => {
  const clock = new VirtualClock();
  const ran: string[] = [];
  const task = (name: string) => () => ran.push(`${name}@${clock.nowUs}`);
  clock.after(20, task('c'));
  clock.after(10, task('a'));
  clock.after(20, task('d'));
  clock.after(10, () => {
    task('b')();
    clock.after(0, task('b0'));
    clock.after(10, task('e'));
  });
  t.equal(clock.size, 4);
  t.equal(clock.nextUs, 10);
  while (clock.step());
  t.same(ran, ['a@10', 'b@10', 'b0@10', 'c@20', 'd@20', 'e@20']);
  t.equal(clock.nextUs, undefined);
  t.equal(clock.step(), false);
});

t.test('many tasks in any order', async (t) => {
  const clock = new VirtualClock();
  const ran: [number, number][] = [];
  for (let i = 0; i < 5000; i++) {
    const timeUs = (i * 7919) % 97;
    clock.after(timeUs, () => ran.push([timeUs, i]));
  }
  while (clock.step());
  const sorted = [...ran].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  t.equal(ran.length, 5000);
  t.same(ran, sorted);
});

t.test('time ends where a number is no longer exact', async (t) => {
  const clock = new VirtualClock();
  clock.after(Number.MAX_SAFE_INTEGER, () => clock.after(1, () => t.fail('too late')));
  t.ok(clock.step());
  t.throws(() => clock.step(), { code: 'USAGE', message: /^the replay goes on after 9007199254\.740991s/ });
});
