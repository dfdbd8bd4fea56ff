// The words that usage is told in, whatever the format.

import { MAX_PREFIXES } from '../../inspect/usage/prefix-table.js';
import type { DatabaseUsage, PageUsage } from '../../storage/measure-database.js';
import { escapeBytes, hexBytes } from '../terminal/text.js';

/** What the printers are told beside the usage. */
export interface UsageView {
  readonly hex: boolean;
  /** The depth that was asked for. */
  readonly depth: number;
  /** Whether a range of revisions was asked for. */
  readonly hasRange: boolean;
}

export type ShowKey = (key: string) => string;

/** Returns what shows keys and prefixes. */
export function showKeys({ hex }: UsageView): ShowKey {
  return (key) => (hex ? hexBytes(key) : escapeBytes(key));
}

/** Shows a prefix; keys in which there is no separator have none. */
export function prefixText(prefix: string, show: ShowKey): string {
  return prefix === '' ? '(no prefix)' : show(prefix);
}

export const PART_NAMES: Readonly<Record<keyof PageUsage['parts'], string>> = {
  records: 'records',
  otherBuckets: 'other buckets',
  structure: 'structure',
  slack: 'slack',
  free: 'free pages',
  lost: 'lost pages',
  freelist: 'list of free pages',
  meta: 'meta pages',
  neverUsed: 'never used',
  stray: 'stray bytes',
  digest: 'digest',
};

/** Says that prefixes are shorter than asked for; undefined if they are not. */
export function depthRemark(usage: DatabaseUsage, { depth }: UsageView): string | undefined {
  if (usage.depth === depth) return undefined;
  return `with --depth ${depth} there are more than ${MAX_PREFIXES} prefixes: --depth ${usage.depth} is printed; --prefix narrows it`;
}
