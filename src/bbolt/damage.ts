// The errors that say where the bytes of a file contradict bbolt's format. Every message names the page and the byte in
// the file.

import { MvccwError } from '../errors.js';

const HINT =
  'the file is damaged, was cut short, or is being written by a running etcd: take a new copy with `etcdctl snapshot save`';

/** Where a page lies in the file. An inline page has the id of the page around it. */
export interface Place {
  readonly pgid: number;
  readonly offset: number;
  readonly inline: boolean;
}

export function describePlace({ pgid, offset, inline }: Place): string {
  return `${inline ? 'inline page in page' : 'page'} ${pgid} (byte ${offset})`;
}

export function corrupt(message: string): MvccwError {
  return new MvccwError('CORRUPT', message, { hint: HINT });
}

export function corruptAt(place: Place, message: string): MvccwError {
  return corrupt(`${describePlace(place)}: ${message}`);
}

const SHOWN_KEY_BYTES = 32;

/** Returns a key as a message shows it: plain text in quotes, other bytes in hex. A long key is cut. */
export function describeKey(key: Buffer): string {
  const shown = key.subarray(0, SHOWN_KEY_BYTES);
  const more = key.length > SHOWN_KEY_BYTES ? `… (${key.length} bytes)` : '';
  const plain = shown.every((byte) => byte >= 0x20 && byte < 0x7f);
  return (plain ? JSON.stringify(shown.toString('latin1')) : `0x${shown.toString('hex')}`) + more;
}
