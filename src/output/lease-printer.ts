// Prints what the lease commands have done or found, as etcdctl does. etcdctl has no tables for it.

import { base64, utf8 } from '../bytes/byte-string.js';
import { quoteGo } from '../bytes/quote.js';
import type { LeaseTimeToLive, TimeLeft } from '../inspect/leases.js';
import { formatLeaseId } from '../mvcc/lease-entry.js';
import { headerJson } from './formats/api-json.js';
import { toJson } from './formats/json.js';
import { type Cell, drawTable } from './formats/table.js';
import type { Style } from './terminal/style.js';
import { bytesFor, escapeBytes } from './terminal/text.js';

interface LeaseTime {
  readonly id: bigint;
  readonly ttlSeconds: number;
  readonly revision: number;
}

/** Prints leases; each function returns a byte string. */
export interface LeasePrinter {
  granted(lease: LeaseTime): string;
  revoked(id: bigint, revision: number): string;
  keptAlive(lease: LeaseTime): string;
  /** Says that the lease that was kept alive is gone. */
  lost(id: bigint): string;
  timeToLive(lease: LeaseTimeToLive, revision: number): string;
  list(leases: readonly LeaseTimeToLive[], revision: number): string;
}

function isWithoutDeadline(left: TimeLeft | undefined): boolean {
  return left?.hasDeadline === false;
}

function simplePrinter({ terminal }: Style): LeasePrinter {
  return {
    granted: ({ id, ttlSeconds }) => `lease ${formatLeaseId(id)} granted with TTL(${ttlSeconds}s)\n`,
    revoked: (id) => `lease ${formatLeaseId(id)} revoked\n`,
    keptAlive: ({ id, ttlSeconds }) => `lease ${formatLeaseId(id)} keepalived with TTL(${ttlSeconds})\n`,
    lost: (id) => `lease ${formatLeaseId(id)} expired or revoked.\n`,
    timeToLive({ id, left, keys }) {
      if (left === undefined) return `lease ${formatLeaseId(id)} already expired\n`;
      const { grantedSeconds, remainingSeconds, hasDeadline } = left;
      const stands = hasDeadline ? '' : ', no deadline until it is kept alive';
      const attached = keys?.map((key) => bytesFor(terminal, key)).join(' ');
      const tail = attached === undefined ? '' : `, attached keys([${attached}])`;
      return `lease ${formatLeaseId(id)} granted with TTL(${grantedSeconds}s), remaining(${remainingSeconds}s)${stands}${tail}\n`;
    },
    list: (leases) => `found ${leases.length} leases\n${leases.map(({ id }) => `${formatLeaseId(id)}\n`).join('')}`,
  };
}

function jsonPrinter(): LeasePrinter {
  const line = (value: object): string => `${utf8(toJson(value))}\n`;
  const time = ({ id, ttlSeconds, revision }: LeaseTime) => ({ revision, ID: id, TTL: ttlSeconds });
  return {
    granted: (lease) => line({ ...time(lease), Error: '' }),
    revoked: (_id, revision) => line({ header: headerJson(revision) }),
    keptAlive: (lease) => line(time(lease)),
    lost: () => '',
    timeToLive: ({ id, left, keys = [] }, revision) =>
      line({
        revision,
        id,
        ttl: left?.remainingSeconds ?? -1,
        'granted-ttl': left?.grantedSeconds ?? 0,
        keys: keys.length === 0 ? null : keys.map(base64),
        ...(isWithoutDeadline(left) && { 'no-deadline': true }),
      }),
    list: (leases, revision) =>
      line({
        revision,
        leases: leases.map(({ id, left }) => ({ id, ...(isWithoutDeadline(left) && { 'no-deadline': true }) })),
      }),
  };
}

function fieldsPrinter(): LeasePrinter {
  type Field = [name: string, value: string | number | bigint | boolean];
  const noDeadline = (left: TimeLeft | undefined): Field[] => (isWithoutDeadline(left) ? [['NoDeadline', true]] : []);
  const lines = (...fields: Field[]): string => fields.map(([name, value]) => `"${name}" : ${value}\n`).join('');
  const time = ({ id, ttlSeconds, revision }: LeaseTime) =>
    lines(['Revision', revision], ['ID', id], ['TTL', ttlSeconds]);
  return {
    granted: time,
    revoked: (_id, revision) => lines(['Revision', revision]),
    keptAlive: time,
    lost: () => '',
    timeToLive: ({ id, left, keys = [] }, revision) =>
      lines(
        ['Revision', revision],
        ['ID', id],
        ['TTL', left?.remainingSeconds ?? -1],
        ['GrantedTTL', left?.grantedSeconds ?? 0],
        ...noDeadline(left),
        ...keys.map((key): Field => ['Key', quoteGo(key)]),
      ),
    list: (leases, revision) =>
      lines(['Revision', revision], ...leases.flatMap(({ id, left }): Field[] => [['ID', id], ...noDeadline(left)])),
  };
}

function tablePrinter({ columns }: Style): LeasePrinter {
  const draw = (head: string[], rows: Cell[][]) => drawTable(head, rows, { columns });
  const time = ({ id, ttlSeconds }: LeaseTime) => draw(['id', 'ttl'], [[formatLeaseId(id), ttlSeconds]]);
  const row = ({ id, left }: LeaseTimeToLive): Cell[] =>
    left === undefined
      ? [formatLeaseId(id), '', 'expired']
      : [formatLeaseId(id), left.grantedSeconds, left.hasDeadline ? left.remainingSeconds : 'no deadline'];
  const head = ['id', 'granted ttl', 'remaining'];
  return {
    granted: time,
    revoked: (id) => draw(['id', 'end'], [[formatLeaseId(id), 'revoked']]),
    keptAlive: time,
    lost: (id) => draw(['id', 'end'], [[formatLeaseId(id), 'expired or revoked']]),
    timeToLive(lease) {
      if (lease.keys === undefined) return draw(head, [row(lease)]);
      return draw([...head, 'keys'], [[...row(lease), lease.keys.map(escapeBytes).join(' ')]]);
    },
    list: (leases) => draw(head, leases.map(row)),
  };
}

export const LEASE_PRINTERS: Readonly<Record<string, (style: Style) => LeasePrinter>> = {
  simple: simplePrinter,
  json: jsonPrinter,
  fields: fieldsPrinter,
  table: tablePrinter,
};
