import t from 'tap';
import { moment } from '../../src/kube/timestamp.js';
import { parseMoment, resolveMoment } from '../../src/requests/moment.js';

const at = (text: string, from: string, to: string): string => {
  const us = (time: string) => Date.parse(time) * 1000;
  return moment(resolveMoment(parseMoment(text, 'when'), us(from), us(to)));
};

t.test('a time of a day is that of the day that is meant', async (t) => {
  const [from, to] = ['2026-11-28T23:50:00Z', '2026-11-29T00:20:00Z'];
  t.equal(at('23:55', from, to), '2026-11-28T23:55:00.000000Z');
  t.equal(at('00:10:00.5', from, to), '2026-11-29T00:10:00.500000Z');
  t.equal(at('23:50', from, to), '2026-11-28T23:50:00.000000Z');
  t.equal(at('00:20', from, to), '2026-11-29T00:20:00.000000Z');
  t.equal(at('23:49:59', from, to), '2026-11-28T23:49:59.000000Z', 'right before');
  t.equal(at('00:20:01', from, to), '2026-11-29T00:20:01.000000Z', 'right behind, on the second day');
  t.equal(at('00:00', '2026-11-28T16:51Z', '2026-11-28T16:53Z'), '2026-11-28T00:00:00.000000Z', 'all is of one day');
  t.equal(at('23:00', '2026-11-28T01:51Z', '2026-11-28T01:53Z'), '2026-11-28T23:00:00.000000Z', 'all is of one day');
  t.equal(at('12:00', from, '2026-11-29T23:49:59Z'), '2026-11-29T12:00:00.000000Z');
  t.throws(() => at('12:00', from, '2026-11-30T12:00:00Z'), { code: 'USAGE' }, 'on two days');
  t.equal(at('2026-11-28T12:03:07+01:00', from, to), '2026-11-28T11:03:07.000000Z');
});
