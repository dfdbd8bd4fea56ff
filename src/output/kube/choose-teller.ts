// Chooses how values are told, from the options of the command line.

import { MvccwError } from '../../errors.js';
import { cutBytes, escapeBytes, hexBytes } from '../terminal/text.js';
import type { ValueTeller } from './value-teller.js';

export const DECODE_MODES = ['auto', 'raw', 'hex'] as const;
export type DecodeMode = (typeof DECODE_MODES)[number];

export interface ValueOptions {
  readonly decode: DecodeMode;
  readonly showSecrets?: boolean | undefined;
}

/** The options of the command line that say how values are shown. */
export interface ValueFlags {
  readonly decode?: DecodeMode | undefined;
  readonly showSecrets?: boolean | undefined;
  /** The same as `decode` hex. */
  readonly hex?: boolean | undefined;
}

/** Returns how values are shown; `usual` is the mode without a flag. Throws USAGE for flags that contradict each other. */
export function valueOptions({ decode, showSecrets, hex = false }: ValueFlags, usual: DecodeMode): ValueOptions {
  if (hex && decode !== undefined && decode !== 'hex') {
    throw new MvccwError('USAGE', `--hex does not go with --decode ${decode}`, {
      hint: '--hex is --decode hex',
    });
  }
  const mode = hex ? 'hex' : (decode ?? usual);
  if (showSecrets && mode !== 'auto') {
    throw new MvccwError('USAGE', `--show-secrets changes nothing where values are shown as ${mode}`, {
      hint: 'only what --decode auto decodes is hidden',
    });
  }
  return { decode: mode, showSecrets };
}

const plainTeller = (show: (latin1: string) => string): ValueTeller => ({
  line: (_, value, maxBytes = value.length) => cutBytes(value, maxBytes, show),
  fields: () => [],
  changes: () => undefined,
  sort: () => '',
  json: (_, value) => ({ value }),
});

/** Returns the teller for the options; undefined where printers show values as etcdctl does. */
export async function decodingOf(options: ValueOptions): Promise<ValueTeller | undefined> {
  return options.decode === 'auto' ? await valueTeller(options) : undefined;
}

/** Returns the teller. What decodes is loaded only if it is asked for. */
export async function valueTeller({ decode, showSecrets }: ValueOptions): Promise<ValueTeller> {
  if (decode === 'raw') return plainTeller(escapeBytes);
  if (decode === 'hex') return plainTeller(hexBytes);
  return (await import('./decoding-teller.js')).decodingTeller({ showSecrets });
}
