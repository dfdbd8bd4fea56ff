// Finds the meta that is in use: of the two metas of a file, the valid one with the higher txid. This file follows
// bbolt's db.go (getPageSize, meta). Meta 0 is at byte 0, and meta 1 is on the next page. Only the metas say how large
// a page is: when meta 0 is damaged, all page sizes are tried. Of a damaged meta, it is said what it was if that is sure.

import { MvccwError } from '../errors.js';
import { corrupt, describePlace, type Place } from './damage.js';
import { describeForeignFile } from './foreign-file.js';
import { mendOneByte } from './mend-meta.js';
import { decodeMeta, MAX_PAGE_SIZE, META_PAGE_BYTES, type Meta, type MetaProblem, MIN_PAGE_SIZE } from './meta.js';
import { PAGE_HEADER_BYTES } from './page-header.js';
import type { PageSource } from './page-source.js';

/** What stands where a meta belongs. */
export interface MetaSlot {
  /** Undefined for a meta 1 whose place is not known because neither meta is valid. */
  readonly place: Place | undefined;
  readonly meta: Meta | undefined;
  /** Says why the meta is not valid; undefined if it is. */
  readonly problem: string | undefined;
  /** What a damaged meta was; undefined if more than one byte of it is wrong, and for a valid meta. */
  readonly original: Meta | undefined;
}

export interface MetaPair {
  readonly current: Meta;
  readonly slots: readonly [MetaSlot, MetaSlot];
}

/** Throws FORMAT for a file that is not bbolt's or cannot be read, and CORRUPT if both metas are damaged. */
export function findMeta(source: PageSource): MetaPair {
  const candidates = findCandidates(source);
  const slots = slotsOf(source, candidates);
  const current = currentOf(slots);
  if (current === undefined) throw noMeta(source, candidates);
  return { current, slots };
}

/** Returns both metas, and the one in use, which is undefined if both are damaged. */
export function findMetaSlots(source: PageSource): Pick<MetaPair, 'slots'> & { readonly current: Meta | undefined } {
  const slots = slotsOf(source, findCandidates(source));
  return { current: currentOf(slots), slots };
}

function findCandidates(source: PageSource): readonly [Candidate, Candidate] {
  const first = metaAt(source, 0, 0);
  return [first, 'kind' in first.result ? probeSecond(source) : metaAt(source, 1, first.result.pageSize)];
}

function slotsOf(source: PageSource, [first, second]: readonly [Candidate, Candidate]): MetaPair['slots'] {
  return [toSlot(source, first), toSlot(source, second)];
}

function currentOf([{ meta: meta0 }, { meta: meta1 }]: MetaPair['slots']): Meta | undefined {
  return meta1 !== undefined && meta1.txid > (meta0?.txid ?? -1) ? meta1 : meta0;
}

interface Candidate {
  readonly place: Place | undefined;
  readonly result: Meta | MetaProblem;
}

function metaAt(source: PageSource, pgid: number, offset: number): Candidate {
  const place = { pgid, offset, inline: false };
  const length = Math.max(0, Math.min(META_PAGE_BYTES, source.sizeBytes - offset));
  const result = decodeMeta(source.read(Math.min(offset, source.sizeBytes), length), place);
  if (pgid === 1 && 'pageSize' in result && result.pageSize !== offset) {
    const text = `it is for a page size of ${result.pageSize}, not ${offset}`;
    return { place, result: { kind: 'damaged', text } };
  }
  return { place, result };
}

/** Looks at each place where meta 1 may be. Returns a valid meta, or else the remains of one. */
function probeSecond(source: PageSource): Candidate {
  let remains: Candidate | undefined;
  for (let offset = MIN_PAGE_SIZE; offset <= MAX_PAGE_SIZE && offset < source.sizeBytes; offset *= 2) {
    const candidate = metaAt(source, 1, offset);
    if (!('kind' in candidate.result)) return candidate;
    if (candidate.result.kind !== 'foreign') remains ??= candidate;
  }
  const text = `not found at any page size from ${MIN_PAGE_SIZE} to ${MAX_PAGE_SIZE}`;
  return remains ?? { place: undefined, result: { kind: 'foreign', text } };
}

function toSlot(source: PageSource, { place, result }: Candidate): MetaSlot {
  if (!('kind' in result)) return { place, meta: result, problem: undefined, original: undefined };
  const original = place === undefined ? undefined : originalAt(source, place);
  return { place, meta: undefined, problem: result.text, original };
}

/** Returns what the damaged meta at a place was, if only one byte of it is wrong. */
function originalAt(source: PageSource, place: Place): Meta | undefined {
  if (place.offset + META_PAGE_BYTES > source.sizeBytes) return undefined;
  const page = source.read(place.offset, META_PAGE_BYTES);
  const mended = mendOneByte(page.subarray(PAGE_HEADER_BYTES));
  if (mended === undefined) return undefined;
  const result = decodeMeta(Buffer.concat([page.subarray(0, PAGE_HEADER_BYTES), mended]), place);
  return 'kind' in result ? undefined : result;
}

function noMeta(source: PageSource, candidates: readonly [Candidate, Candidate]): MvccwError {
  const problems = candidates.flatMap(({ result }) => ('kind' in result ? [result] : []));
  const details = candidates
    .map(({ place, result }, i) => `${place === undefined ? `meta ${i}` : describePlace(place)}: ${textOf(result)}`)
    .join('; ');
  if (problems.some(({ kind }) => kind === 'damaged')) return corrupt(`neither meta page is valid: ${details}`);

  const version = problems.find(({ kind }) => kind === 'version');
  if (version !== undefined) return new MvccwError('FORMAT', `a bbolt file that cannot be read: ${version.text}`);
  const { what, hint } = describeForeignFile(source);
  return new MvccwError('FORMAT', `not a bbolt file: ${what}`, { hint });
}

function textOf(result: Meta | MetaProblem): string {
  return 'kind' in result ? result.text : 'valid';
}
