// Checks the leases: each can be read, the list of deadlines agrees with them, and the attached keys are those whose
// newest record names the lease.

import { quoteKey } from '../../bytes/key-text.js';
import type { Entry, ReadTable } from '../../mvcc/backend.js';
import { slotOf } from '../../mvcc/key-slot.js';
import {
  attachedKey,
  attachmentRegion,
  deadlineIn,
  deadlineKey,
  dueKey,
  formatLeaseId,
  idIn,
  isTime,
  isWholeDue,
  kindOf,
} from '../../mvcc/lease-entry.js';
import { readLease } from '../../mvcc/leases.js';
import type { StoredRecord } from '../../mvcc/record.js';
import { type Finding, problemIn } from './finding.js';
import type { NewestRecords } from './newest-records.js';
import type { RecordVisitor } from './record-pass.js';

export class LeaseVisitor implements RecordVisitor {
  private readonly leases = new Set<bigint>();
  /** Whether leases cannot be read. */
  private isCut = false;
  private lastMain = 0;
  /** Records up to here, and of any key, may be missing. */
  private skippedMain = -1;

  /** `own` is the table of a database of mvccw; etcd's has only the leases themselves. */
  constructor(private readonly own?: ReadTable) {}

  /** Takes the next entry of the table of leases. All must be taken before the end. */
  *take(entry: Entry): Iterable<Finding> {
    const kind = kindOf(entry.key);
    if (kind === 'lease') yield* checkLease(entry, this.leases);
    else if (this.own === undefined) yield strange(entry);
    else yield* checkEntry(entry, kind, this.own, this.leases);
  }

  /** Goes on behind leases that cannot be read. */
  skipLeases(): void {
    this.isCut = true;
  }

  visit({ main }: StoredRecord): void {
    this.lastMain = main;
  }

  skip(): void {
    this.skippedMain = this.lastMain;
  }

  /** Compares the attached keys with the leases that the newest record of each key names. */
  *end(lives: NewestRecords): Iterable<Finding> {
    const { leases, own } = this;
    for (const { key, lease, main } of lives.leased()) {
      const name = `key ${quoteKey(key)} names lease ${formatLeaseId(lease)}`;
      const place = { table: 'lease', lease, key } as const;
      if (!leases.has(lease)) {
        // What cannot be read may be the lease, or a newer record of the key.
        if (this.isCut || main <= this.skippedMain) continue;
        yield { kind: 'lease', ...place, problem: `${name}, which there is not` };
      } else if (own !== undefined && own.get(attachmentSlot(own, lease, key))?.toString('latin1') !== key) {
        yield { kind: 'attachment', ...place, problem: `${name}, and is not attached to it` };
      }
    }
    if (own !== undefined) yield* checkAttachments(own, leases, lives);
  }
}

function* checkLease({ key, value }: Entry, leases: Set<bigint>): Iterable<Finding> {
  const id = key.readBigInt64BE(0);
  leases.add(id);
  try {
    readLease(id, value);
  } catch (error) {
    yield { kind: 'lease', table: 'lease', lease: id, problem: problemIn(error) };
  }
}

function strange({ key }: Entry): Finding {
  return {
    kind: 'lease',
    table: 'lease',
    entry: key,
    problem: `table lease has an entry of key ${key.toString('hex')}, which is neither a lease nor anything of one`,
  };
}

/** Checks what mvccw stores beside the leases. An entry of a lease comes behind the lease. */
function* checkEntry(
  entry: Entry,
  kind: ReturnType<typeof kindOf>,
  table: ReadTable,
  leases: ReadonlySet<bigint>,
): Iterable<Finding> {
  const { key, value } = entry;
  if (kind === 'due') yield* checkDue(entry, table);
  else if (kind === 'clock') {
    if (!isTime(value)) yield due(entry, undefined, 'the time at which a deadline was last set is no time');
  } else if (kind === 'unknown') yield strange(entry);
  else {
    const id = key.readBigInt64BE(0);
    const place = { lease: id, table: 'lease' } as const;
    if (kind === 'deadline') yield* checkDeadline(entry, id, table, leases);
    else if (!leases.has(id)) {
      const problem = `key ${quoteKey(attachedKey(value))} is attached to lease ${formatLeaseId(id)}, which there is not`;
      yield { kind: 'attachment', ...place, key: attachedKey(value), problem };
    }
  }
}

function* checkDue(entry: Entry, table: ReadTable): Iterable<Finding> {
  const { key } = entry;
  if (!isWholeDue(key)) {
    yield due(entry, undefined, `an entry of ${key.length} bytes in the list of deadlines: ${key.toString('hex')}`);
    return;
  }
  const id = idIn(entry);
  const own = table.get(deadlineKey(id));
  if (own !== undefined && isTime(own) && dueKey(own.readDoubleBE(0), id).equals(key)) return;
  const at = `the list of deadlines has lease ${formatLeaseId(id)} at ${timeText(deadlineIn(entry))}`;
  yield due(
    entry,
    id,
    `${at}, ${own === undefined ? 'and there is no such lease with a deadline' : 'and its own is another'}`,
  );
}

function* checkDeadline(entry: Entry, id: bigint, table: ReadTable, leases: ReadonlySet<bigint>): Iterable<Finding> {
  const name = `lease ${formatLeaseId(id)}`;
  if (!leases.has(id)) {
    yield due(entry, id, `${name} has a deadline, but there is no such lease`);
  } else if (!isTime(entry.value)) {
    yield { kind: 'lease', table: 'lease', lease: id, problem: `${name}: its deadline is no time` };
  } else if (table.get(dueKey(entry.value.readDoubleBE(0), id)) === undefined) {
    yield due(entry, id, `${name}: its deadline is not in the list of deadlines`);
  }
}

function due({ key }: Entry, lease: bigint | undefined, problem: string): Finding {
  return { kind: 'due', table: 'lease', ...(lease === undefined ? { entry: key } : { lease }), problem };
}

function timeText(ms: number): string {
  return Number.isFinite(ms) ? `${ms} ms since 1970` : String(ms);
}

/** Finds the attachments of keys whose newest record does not name the lease. */
function* checkAttachments(table: ReadTable, leases: ReadonlySet<bigint>, lives: NewestRecords): Iterable<Finding> {
  for (const { key: slot, value } of table.entries()) {
    if (kindOf(slot) !== 'attachment') continue;
    const [id, key] = [slot.readBigInt64BE(0), attachedKey(value)];
    if (!leases.has(id) || (lives.get(key)?.lease === id && slot.equals(attachmentSlot(table, id, key)))) continue;
    const problem = `key ${quoteKey(key)} is attached to lease ${formatLeaseId(id)}, which its newest record does not name`;
    yield { kind: 'attachment', table: 'lease', lease: id, key, problem };
  }
}

function attachmentSlot(table: ReadTable, id: bigint, key: string): Buffer {
  return slotOf(table, attachmentRegion(id), key, attachedKey);
}
