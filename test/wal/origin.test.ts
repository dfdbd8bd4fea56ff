// These tests read request ids of real servers whose start is known.

import t from 'tap';
import { proposerOf } from '../../src/wal/origin.js';

const NOW = Date.UTC(2026, 10, 28, 12);

t.test('a request id tells the member and when its process started', async (t) => {
  // A server of etcd 3.4.23 with the id 55209a07e772ae46, whose first request was at 03:08:24.2.
  const { memberBits, startMs } = proposerOf(0xae46a22020191f03n, NOW);
  t.equal(memberBits.toString(16), 'ae46');
  t.equal(new Date(startMs).toISOString(), '2026-11-28T03:08:24.223Z');
});

t.test('the time is the latest one up to a year ahead', async (t) => {
  const id = 0xae46a22020191f03n;
  const { startMs } = proposerOf(id, NOW);
  const yearMs = 365 * 86_400_000;
  t.equal(proposerOf(id, startMs - 60_000).startMs, startMs, 'also where the clock of the reader is behind');
  t.equal(proposerOf(id, startMs - yearMs).startMs, startMs);
  t.equal(proposerOf(id, startMs - yearMs - 1).startMs, startMs - 2 ** 40);
  t.equal(proposerOf(id, 0).startMs, startMs % 2 ** 40, 'a clock before all of them takes none away');
});
