import t from 'tap';
import { fill } from '../../../src/output/terminal/fill.js';

t.test('lines break at spaces, and hang', async (t) => {
  t.equal(fill('slow  10 events in 7 batches', 16, 6), 'slow  10 events\n      in 7\n      batches');
  t.equal(fill('  what stands in front stays', 20, 4), '  what stands in\n    front stays');
  t.equal(fill('exactly as wide', 15), 'exactly as wide');
});

t.test('a word longer than the line has one of its own', async (t) => {
  t.equal(fill('see /a/very/long/path there', 10, 2), 'see\n  /a/very/long/path\n  there');
  t.equal(fill('/a/very/long/path there', 10), '/a/very/long/path\nthere');
});

t.test('in a pipe it stays one line', async (t) => {
  const text = 'word '.repeat(100);
  t.equal(fill(text, undefined, 2), text);
});
