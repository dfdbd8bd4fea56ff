// Tells where a revision comes from: the entry of the log, the request in it, its user, and the process that proposed it.
// All commands tell it so.

import type { NamedProposer, Proposers } from '../inspect/blame/proposers.js';
import type { Provenance } from '../inspect/blame/provenance.js';
import type { RevisionOrigin, RevisionRequest } from '../wal/origin.js';
import { COUNT, TEXT } from './formats/inspection-line.js';
import { escapeText } from './terminal/text.js';

const REQUESTS: Readonly<Record<RevisionRequest, string>> = {
  put: 'put',
  deleteRange: 'deletion',
  txn: 'transaction',
  leaseRevoke: 'end of a lease',
};

/** The user as which a server revokes leases that have run out, where authentication is on. */
const ROOT = 'root';

/** Returns what there is to say, for people; nothing if the entry is not known. Of several, one is the right one. */
export function originFacts(origins: readonly RevisionOrigin[], proposers: Proposers): string[] {
  const [first] = origins;
  if (first === undefined) return [];
  const whos = [...new Set(origins.map((origin) => whoText(origin, proposers)))];
  const indexes = origins.map(({ index, term }, i) => `${i === 0 ? '' : 'or '}${index} of term ${term}`);
  return [whos.join(' or '), `index ${indexes.join(' ')}`];
}

/** Returns the request, its user and its process, as `put by alice through m1, up since 2026-11-28T03:08:24Z`. */
function whoText(origin: RevisionOrigin, proposers: Proposers): string {
  return `${requestText(origin)} through ${processText(proposers.of(origin.requestId))}`;
}

function requestText({ request, user }: RevisionOrigin): string {
  if (request !== 'leaseRevoke') return `${REQUESTS[request]}${user === '' ? '' : ` by ${escapeText(user)}`}`;
  if (user === '') return 'lease ran out or was revoked';
  return user === ROOT ? 'lease ran out or was revoked by root' : `lease revoked by ${escapeText(user)}`;
}

/** Returns a process as `m1, up since 2026-11-28T03:08:24Z`. */
export function processText(proposer: NamedProposer): string {
  return `${memberText(proposer)}, up since ${startText(proposer).replace(/\.\d*Z$/, 'Z')}`;
}

/** Returns the name of a member; without one its id, or what is known of that. */
export function memberText({ members, memberBits }: NamedProposer): string {
  const names = members.map(({ id, name }) => (name === '' ? id : escapeText(name)));
  return names.length === 0 ? `the member …${bitsText(memberBits)}` : names.join(' or ');
}

const bitsText = (memberBits: number): string => memberBits.toString(16).padStart(4, '0');

/** Returns the start of a process in RFC 3339. */
export const startText = ({ startMs }: Pick<NamedProposer, 'startMs'>): string => new Date(startMs).toISOString();

/** Returns what there is to say of a revision, for people. */
export function revisionFacts(main: number, provenance: Provenance | undefined): string[] {
  return provenance === undefined ? [] : originFacts(provenance.originsOf(main), provenance.proposers);
}

/** Returns what JSON lines have of a revision. */
export function revisionJson(main: number, provenance: Provenance | undefined): object {
  return provenance === undefined ? {} : originJson(provenance.originsOf(main), provenance.proposers);
}

/** Returns what JSON lines have of an origin: `origin`, or `originOneOf` where it is not known which. */
export function originJson(origins: readonly RevisionOrigin[], proposers: Proposers): object {
  const told = origins.map((origin) => oneOriginJson(origin, proposers));
  if (told.length === 0) return {};
  return told.length === 1 ? { origin: told[0] } : { originOneOf: told };
}

function oneOriginJson({ index, term, requestId, user, request }: RevisionOrigin, proposers: Proposers): object {
  return { index, term, request, user: user || undefined, requestId, ...proposerJson(proposers.of(requestId)) };
}

/** Returns what JSON has of a process. */
export function proposerJson(proposer: NamedProposer): object {
  const { members, memberBits } = proposer;
  const [member] = members.length === 1 ? members : [];
  return {
    member: member?.id,
    memberName: member?.name || undefined,
    memberOneOf: members.length > 1 ? members.map(({ id }) => id) : undefined,
    memberBits: bitsText(memberBits),
    upSince: startText(proposer),
  };
}

const UP_SINCE = {
  ...TEXT,
  description: 'when the process had started, RFC 3339; a millisecond late for each 256 ids it had made',
};

export const PROPOSER_PROPERTIES = {
  member: {
    ...TEXT,
    description: 'the id of the member, in hexadecimal; absent: the file names none, or several, that it may be',
  },
  memberName: TEXT,
  memberOneOf: { type: 'array', items: TEXT, description: 'the members that it may be' },
  memberBits: { ...TEXT, description: 'the lowest 16 bits of the id of the member' },
  upSince: UP_SINCE,
};

const ORIGIN = {
  type: 'object',
  description: 'the entry of the log that the revision comes from',
  required: ['index', 'term', 'request', 'requestId', 'memberBits', 'upSince'],
  properties: {
    index: COUNT,
    term: COUNT,
    request: { enum: Object.keys(REQUESTS) },
    user: { ...TEXT, description: 'absent: authentication was off, and no user is recorded' },
    requestId: { type: 'integer', description: 'of 64 bits: more than a double holds' },
    ...PROPOSER_PROPERTIES,
  },
};

/** Describes what originJson returns. */
export const ORIGIN_PROPERTIES = {
  origin: ORIGIN,
  originOneOf: {
    type: 'array',
    minItems: 2,
    items: ORIGIN,
    description: 'the entries that it may come from, where that is not decided',
  },
};
