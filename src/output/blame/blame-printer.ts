// Prints who wrote each revision of keys.

import { utf8 } from '../../bytes/byte-string.js';
import type { BlamedLease, BlamedRevision } from '../../inspect/blame/blame.js';
import type { Provenance } from '../../inspect/blame/provenance.js';
import type { Writers } from '../../kube/object-writers.js';
import { formatLeaseId } from '../../mvcc/lease-entry.js';
import { formatRevision } from '../../mvcc/revision.js';
import { committedFacts, committedJson, committedText, type RevisionClocks } from '../committed.js';
import { inspectionLine } from '../formats/inspection-line.js';
import { type Cell, drawTable } from '../formats/table.js';
import { managerJson } from '../kube/told-json.js';
import { managerName } from '../kube/told-line.js';
import { memberText, originFacts, originJson, processText, proposerJson, startText } from '../origin.js';
import type { Style } from '../terminal/style.js';
import { escapeBytes, escapeText, hexBytes } from '../terminal/text.js';

interface BlameStyle extends Style {
  readonly hex: boolean;
  readonly provenance: Provenance;
  readonly clock: RevisionClocks;
}

/** Each function returns a byte string. */
interface BlamePrinter {
  revision(revision: BlamedRevision): string;
  end(): string;
}

type MakePrinter = (style: BlameStyle) => BlamePrinter;

const simple: MakePrinter = ({ colour, hex, provenance: { hasLog, proposers }, clock }) => ({
  revision({ record, origins, writers, lease }) {
    const { key, tombstone } = record;
    const type = tombstone ? colour.red('DELETE') : colour.green('PUT');
    const name = colour.bold(hex ? hexBytes(key) : escapeBytes(key));
    const facts = [
      ...originFacts(origins, proposers),
      ...(writers === undefined ? [] : [writersText(writers)]),
      ...(lease === undefined ? [] : [leaseText(lease)]),
    ];
    if (origins.length === 0 && hasLog) facts.unshift('its entry in the log is not known');
    if (facts.length === 0) facts.push('nobody recorded who');
    const told = facts.join('; ');
    const when = committedFacts(clock, record.main).map((fact) => `${fact}; `);
    return utf8(`${colour.yellow(formatRevision(record))} ${type} ${name}  ${when.join('')}${told}\n`);
  },
  end: () => '',
});

/** Returns who wrote, as `manager kubelet (Update of status) at 2026-11-28T03:08:24Z`. */
function writersText({ by, managers }: Writers): string {
  if (managers.length === 0) return "no manager's entry has changed";
  const names = managers.map(
    (manager) => `${escapeText(managerName(manager))}${manager.time === '' ? '' : ` at ${escapeText(manager.time)}`}`,
  );
  return `${by === 'change' ? 'manager' : 'latest manager'} ${names.join(' and ')}`;
}

function leaseText({ id, grantedBy, grant }: BlamedLease): string {
  const user = grant === undefined || grant.user === '' ? '' : ` by ${escapeText(grant.user)}`;
  const through = grantedBy === undefined ? '' : ` through ${processText(grantedBy)}`;
  const granted = user === '' && through === '' ? '' : `, granted${user}${through}`;
  return `lease ${formatLeaseId(id)}${granted}${grant === undefined ? '' : `, index ${grant.index} of term ${grant.term}`}`;
}

const HEAD = ['revision', 'type', 'key', 'request', 'user', 'member', 'up since', 'index', 'term', 'manager', 'lease'];

const table: MakePrinter = ({ columns, hex, provenance: { proposers }, clock }) => {
  const rows: Cell[][] = [];
  const whole = (cells: readonly (string | number)[]): Cell => ({ whole: [...new Set(cells)].join(' or ') });
  return {
    revision({ record, origins, writers, lease }) {
      const { key, tombstone } = record;
      const processes = origins.map(({ requestId }) => proposers.of(requestId));
      rows.push([
        { whole: formatRevision(record) },
        ...(clock === undefined ? [] : [{ whole: committedText(clock(record.main)) }]),
        tombstone ? 'DELETE' : 'PUT',
        hex ? hexBytes(key) : escapeBytes(key),
        whole(origins.map(({ request }) => request)),
        whole(origins.map(({ user }) => escapeText(user))),
        whole(processes.map(memberText)),
        whole(processes.map(startText)),
        whole(origins.map(({ index }) => index)),
        whole(origins.map(({ term }) => term)),
        (writers?.managers ?? []).map((manager) => escapeText(managerName(manager))).join(' and '),
        lease === undefined ? '' : { whole: formatLeaseId(lease.id) },
      ]);
      return '';
    },
    end: () => drawTable(clock === undefined ? HEAD : HEAD.toSpliced(1, 0, 'committed'), rows, { columns }),
  };
};

const json: MakePrinter = ({ provenance: { proposers }, clock }) => ({
  revision({ record, origins, writers, lease }) {
    const { main, sub, tombstone, key } = record;
    return inspectionLine('blame', {
      revision: { main, sub },
      committed: clock && committedJson(clock(main)),
      type: tombstone ? 'DELETE' : 'PUT',
      key: Buffer.from(key, 'latin1'),
      ...originJson(origins, proposers),
      writers: writers && { by: writers.by, managers: writers.managers.map(managerJson) },
      lease: lease && leaseJson(lease),
    });
  },
  end: () => '',
});

function leaseJson({ id, grantedBy, grant }: BlamedLease): object {
  return {
    id,
    grantedThrough: grantedBy && proposerJson(grantedBy),
    grant: grant && { ...grant, user: grant.user || undefined },
  };
}

export const BLAME_PRINTERS: Readonly<Record<string, MakePrinter>> = { simple, json, table };
