// Makes what a scenario says of a stream: its consumer, how its client goes on, and the cache of an apiserver.

import { MvccwError } from '../../errors.js';
import { FIELD_WORDS, notEmpty, rangeOf } from '../../requests/range-options.js';
import { MAX_WATCHERS } from '../run/bounds.js';
import type { ConsumerPlan } from '../run/consumer.js';
import { type CacheClientPlan, type CachePlan, CLIENTS, type ClientPlan } from '../run/replay-options.js';
import { checkTotal } from './check-total.js';
import { inField } from './field-error.js';
import { given, optionalTime, timeIn } from './given.js';
import { numbered, rangeBytes } from './numbered-text.js';
import type { CacheClientsText, CacheText, ConsumerText, StreamText } from './scenario-text.js';

/** What a scenario says of a stream. */
export interface GivenStream {
  readonly consumer?: ConsumerPlan;
  readonly client: Partial<ClientPlan>;
  readonly cache?: Partial<CachePlan>;
}

function consumerPlan(consumer: ConsumerText): ConsumerPlan {
  if (typeof consumer === 'string') return { pace: consumer };
  if ('every' in consumer) return { pace: 'interval', intervalUs: timeIn(['consumer', 'every'], consumer.every) };
  return { pace: 'rate', eventsPerSecond: consumer.eventsPerSecond };
}

export function givenStream({
  consumer,
  disconnectAt,
  reconnectAfter,
  cache,
  client = cache && 'apiserverCache',
  relistAfter,
  ...habits
}: StreamText): GivenStream {
  const caches = client === 'apiserverCache' || cache !== undefined;
  return {
    ...(consumer !== undefined && { consumer: consumerPlan(consumer) }),
    ...(caches && { cache: inField(['cache'], () => givenCache(cache ?? {})) }),
    client: given({
      ...(client !== undefined && CLIENTS[client]),
      ...given(habits),
      disconnectAtUs: disconnectAt?.map((at, i) => timeIn(['disconnectAt', i], at)),
      reconnectAfterUs: optionalTime(['reconnectAfter'], reconnectAfter),
      relistAfterUs: optionalTime(['relistAfter'], relistAfter),
    }),
  };
}

function givenCache({ freshFor, bookmarkEvery, progressEvery, clients = [], ...sizes }: CacheText): Partial<CachePlan> {
  const total = clients.reduce((sum, { repeat = 1 }) => sum + repeat, 0);
  checkTotal(total, MAX_WATCHERS, 'clients of a cache');
  return given({
    ...sizes,
    freshForUs: optionalTime(['freshFor'], freshFor),
    bookmarkEveryUs: interval('bookmarkEvery', bookmarkEvery),
    progressEveryUs: interval('progressEvery', progressEvery),
    clients: clients.flatMap((text, i) => inField(['clients', i], () => cacheClients(text))),
  });
}

const MIN_INTERVAL_US = 10_000;

/** Reads an interval of what goes on for as long as the replay does. Throws USAGE for one that is too short. */
function interval(name: string, text: string | undefined): number | undefined {
  const us = optionalTime([name], text);
  if (us === undefined || us >= MIN_INTERVAL_US) return us;
  return inField([name], () => {
    throw new MvccwError('USAGE', 'must be 10ms at least', {
      hint: 'Kubernetes has 1m for bookmarks, 100ms for progress',
    });
  });
}

function cacheClients({ repeat, ...text }: CacheClientsText): CacheClientPlan[] {
  if (repeat === undefined) return [cacheClient(text)];
  return Array.from({ length: repeat }, (_, i) => cacheClient(text, i));
}

/** The i-th of a client. */
function cacheClient(text: CacheClientsText, i?: number): CacheClientPlan {
  const { name, key, at, until, rev, consumer, channel, reconnectAfter } = text;
  return {
    name: numbered(name, i),
    range: key === undefined ? undefined : clientRange({ ...text, key }, i),
    atUs: optionalTime(['at'], at) ?? 0,
    untilUs: optionalTime(['until'], until),
    startRev: rev,
    consumer: consumer === undefined ? { pace: 'atOnce' } : consumerPlan(consumer),
    channel,
    reconnectAfterUs: optionalTime(['reconnectAfter'], reconnectAfter) ?? 0,
  };
}

function clientRange(text: CacheClientsText & { readonly key: string }, i: number | undefined) {
  const { key, ...options } = rangeBytes(text, i);
  return notEmpty(rangeOf(key, options, FIELD_WORDS), 'range of a client', FIELD_WORDS);
}
