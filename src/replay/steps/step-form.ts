// Checks the operations of a step scenario: their fields, and what each field can hold. This is code and not a JSON
// schema, because a file of steps can be large, and loading a validator takes longer than most files run.

import { base64, fromBase64 } from '../../bytes/byte-string.js';
import { quoteText } from '../../bytes/key-text.js';
import { MvccwError, naming } from '../../errors.js';
import type { StepOp } from './step-op.js';

interface FieldKind {
  readonly allows: (value: unknown) => boolean;
  /** The words that follow "must be" in a message. */
  readonly what: string;
}

const wholeFrom = (minimum: number): FieldKind => ({
  allows: (value) => Number.isSafeInteger(value) && (value as number) >= minimum,
  what: `a whole number from ${minimum} to ${Number.MAX_SAFE_INTEGER}`,
});

const TEXT: FieldKind = { allows: (value) => typeof value === 'string', what: 'text' };
const BASE64: FieldKind = {
  allows: (value) => typeof value === 'string' && base64(fromBase64(value)) === value,
  what: 'bytes in base64',
};
const YES_OR_NO: FieldKind = { allows: (value) => typeof value === 'boolean', what: 'true or false' };
/** A revision may be below 0: the answer is then "compacted". */
const REVISION: FieldKind = { allows: Number.isSafeInteger, what: 'a whole number' };
const COUNT = wholeFrom(0);
const AT_LEAST_ONE = wholeFrom(1);
const FILTERS: FieldKind = {
  allows: (value) => Array.isArray(value) && value.every((filter) => filter === 'noput' || filter === 'nodelete'),
  what: 'a list of "noput" and "nodelete"',
};
/** Each of the operations is checked by itself. */
const OPS: FieldKind = { allows: Array.isArray, what: 'a list of operations' };

type FieldKinds = Readonly<Record<string, FieldKind>>;

interface OpForm {
  /** The fields that must be there; of a field of bytes, either form. */
  readonly required: readonly string[];
  readonly fields: FieldKinds;
}

const form = (required: readonly string[], fields: FieldKinds): OpForm => ({ required, fields });
const bytes = (name: string): FieldKinds => ({ [name]: TEXT, [`${name}64`]: BASE64 });

const NOTHING = form([], {});
const REV = form(['rev'], { rev: REVISION });
const WATCHER = form(['watcher'], { watcher: TEXT });

const FORMS: Readonly<Record<StepOp['op'], OpForm>> = {
  config: form([], {
    chanBufLen: AT_LEAST_ONE,
    maxWatchersPerSync: AT_LEAST_ONE,
    watchBatchMaxRevs: AT_LEAST_ONE,
    compactionBatchLimit: AT_LEAST_ONE,
  }),
  put: form(['key'], { ...bytes('key'), ...bytes('value'), lease: COUNT }),
  delete: form(['key'], { ...bytes('key'), ...bytes('end') }),
  range: form(['key'], { ...bytes('key'), ...bytes('end'), rev: REVISION, limit: COUNT, countOnly: YES_OR_NO }),
  txn: form(['ops'], { ops: OPS }),
  watch: form(['watcher', 'key'], {
    watcher: TEXT,
    ...bytes('key'),
    ...bytes('end'),
    stream: TEXT,
    watchId: COUNT,
    startRev: REVISION,
    filters: FILTERS,
  }),
  compact: REV,
  hash: REV,
  cancel: WATCHER,
  progress: WATCHER,
  recv: form(['stream'], { stream: TEXT, max: AT_LEAST_ONE }),
  progressAll: form(['stream'], { stream: TEXT }),
  restart: form([], { finishedCompactRev: COUNT }),
  grant: form(['lease', 'ttl'], { lease: COUNT, ttl: AT_LEAST_ONE }),
  revoke: form(['lease'], { lease: COUNT }),
  sync: NOTHING,
  victims: NOTHING,
  restore: NOTHING,
  leases: NOTHING,
  defrag: NOTHING,
  dump: NOTHING,
  state: NOTHING,
};

const ALL_OPS = Object.keys(FORMS);
const OPS_IN_TXN = ['put', 'delete', 'range'];

/** Checks that a value is an operation. Throws USAGE. */
export function checkStepOp(value: unknown, allowed = ALL_OPS): asserts value is StepOp {
  const { op: name, ...fields } = (value ?? {}) as Record<string, unknown>;
  if (typeof name !== 'string' || !allowed.includes(name)) {
    throw usage(`unknown op ${JSON.stringify(name)}`, `an op is one of ${allowed.join(', ')}`);
  }
  const { required, fields: kinds } = FORMS[name as StepOp['op']];
  for (const [field, given] of Object.entries(fields)) {
    if (!Object.hasOwn(kinds, field)) {
      const known = Object.keys(kinds).join(', ') || 'none';
      throw usage(`op ${name} has no field ${quoteText(field)}`, `allowed are ${known}`);
    }
    const { allows, what } = kinds[field]!;
    if (!allows(given)) throw usage(`${field} of op ${name} must be ${what}`);
    if (Object.hasOwn(fields, `${field}64`)) {
      throw usage(`op ${name} has both ${field} and ${field}64`, 'give one: text, or any bytes in base64');
    }
  }
  for (const field of required) {
    if (fields[field] === undefined && fields[`${field}64`] === undefined) {
      throw usage(`op ${name} needs ${field}`, `allowed are ${Object.keys(kinds).join(', ')}`);
    }
  }
  if (name !== 'txn') return;
  for (const [i, op] of (fields.ops as unknown[]).entries()) naming(`ops.${i}`, () => checkStepOp(op, OPS_IN_TXN));
}

function usage(message: string, hint?: string): MvccwError {
  return new MvccwError('USAGE', message, { hint });
}
