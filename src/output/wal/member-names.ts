// The names of the members that requests were sent to.

import type { Proposers } from '../../inspect/blame/proposers.js';
import { memberText } from '../origin.js';

const MEMBER_SHIFT = 48n;

/** Returns what names the member of a request. Names are kept, as there are few of them in many requests. */
export function memberNames(proposers: Proposers): (requestId: bigint) => string {
  const names = new Map<number, string>();
  return (requestId) => {
    const bits = Number(requestId >> MEMBER_SHIFT);
    let name = names.get(bits);
    if (name === undefined) {
      name = memberText(proposers.of(requestId));
      names.set(bits, name);
    }
    return name;
  };
}
