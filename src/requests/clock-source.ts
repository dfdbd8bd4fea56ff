// Names where the times of revisions are from, as people write it: kubernetes, log:FILE, or FILE.

import { quoteText } from '../bytes/key-text.js';
import { MvccwError } from '../errors.js';

export type ClockSource =
  /** The objects of Kubernetes that the history holds. */
  | { readonly from: 'kubernetes' }
  /** The log of a server. */
  | { readonly from: 'log'; readonly path: string }
  /** A list of revisions and times. */
  | { readonly from: 'list'; readonly path: string };

const LOG = 'log:';

/** Reads where times are from; `locate` makes a path of the one that is written. Throws USAGE. */
export function parseClockSource(text: string, locate = (path: string): string => path): ClockSource {
  if (text === 'kubernetes') return { from: 'kubernetes' };
  const isLog = text.startsWith(LOG);
  const path = isLog ? text.slice(LOG.length) : text;
  if (path !== '') return { from: isLog ? 'log' : 'list', path: locate(path) };
  throw new MvccwError('USAGE', `${quoteText(text)} names no file`, { hint: CLOCK_SOURCE_HINT });
}

const CLOCK_SOURCE_HINT =
  'write kubernetes, log:FILE for the log of a server, or FILE for a list of revisions and times';

export function formatClockSource(source: ClockSource): string {
  return source.from === 'kubernetes' ? source.from : `${source.from === 'log' ? LOG : ''}${source.path}`;
}
