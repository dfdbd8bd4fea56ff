// The processes that requests were sent to: the member, and since when it was up. There are few of them in many requests,
// so what names one is kept.

import type { Proposers } from '../../inspect/blame/proposers.js';
import { memberText, startText } from '../origin.js';

const MEMBER_SHIFT = 48n;
const COUNTER_BITS = 8n;

interface ProcessName {
  readonly member: string;
  /** When the process had started, to the second. */
  readonly since: string;
}

/** Returns what names the process of a request. */
export function processNames(proposers: Proposers): (requestId: bigint) => ProcessName {
  /** The newest name by the bits of the member, with the part of the ids that it is of. */
  const known = new Map<number, { readonly part: bigint; readonly name: ProcessName }>();
  return (requestId) => {
    const bits = Number(requestId >> MEMBER_SHIFT);
    const part = requestId >> COUNTER_BITS;
    const before = known.get(bits);
    if (before?.part === part) return before.name;
    const proposer = proposers.of(requestId);
    const since = startText(proposer).replace(/\.\d*Z$/, 'Z');
    const name = { member: before?.name.member ?? memberText(proposer), since };
    known.set(bits, { part, name });
    return name;
  };
}
