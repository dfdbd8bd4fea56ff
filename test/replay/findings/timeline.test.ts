import t from 'tap';
import { Timeline } from '../../../src/replay/findings/timeline.js';

t.test('each step has the groups of its time, and the most that the watcher was behind', async (t) => {
  const timeline = new Timeline();
  const lane = timeline.lane();
  lane.enter('synced', 1);
  lane.enter('victim', 3);
  lane.behind(3, 5, (timeUs) => timeUs * 10);
  lane.close(5);
  t.equal(timeline.stepUs, 1);
  t.same(lane.steps(), [
    { groups: [], lagRevs: 0 },
    { groups: ['synced'], lagRevs: 0 },
    { groups: ['synced'], lagRevs: 0 },
    { groups: ['synced', 'victim'], lagRevs: 40 },
    { groups: ['victim'], lagRevs: 50 },
    { groups: ['victim'], lagRevs: 50 },
  ]);
});

t.test('however long it gets, the steps are few, and lose nothing that stands out', async (t) => {
  const timeline = new Timeline();
  const [lane, other] = [timeline.lane(), timeline.lane()];
  lane.enter('unsynced', 0);
  lane.enter('victim', 1_000_000);
  lane.behind(1_000_000, 1_000_001, () => 7);
  lane.enter('synced', 1_000_001);
  other.enter('synced', 0);
  lane.close(60_000_000);
  other.close(60_000_000);
  const steps = lane.steps();
  t.ok(steps.length > 128 && steps.length <= 256, `${steps.length} steps`);
  t.equal(steps.length, Math.floor(60_000_000 / timeline.stepUs) + 1);
  const at = Math.floor(1_000_000 / timeline.stepUs);
  t.same(steps[at], { groups: ['synced', 'unsynced', 'victim'], lagRevs: 7 });
  t.same(steps.filter(({ groups }) => groups.includes('victim')).length, 1);
  t.same(steps[0], { groups: ['unsynced'], lagRevs: 0 });
  t.same(steps[steps.length - 1], { groups: ['synced'], lagRevs: 0 });
  t.ok(other.steps().every(({ groups }) => groups.join() === 'synced'));
});
