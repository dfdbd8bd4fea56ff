// What an output can take: on a terminal escapes, colour unless NO_COLOR is set, and its width; into a pipe plain bytes.

import { Chalk, type ChalkInstance } from 'chalk';

export interface Style {
  /** Control characters must be escaped. */
  readonly terminal: boolean;
  readonly colour: ChalkInstance;
  readonly columns: number | undefined;
}

export function styleFor(
  stream: { readonly isTTY?: boolean; readonly columns?: number },
  env: Readonly<Record<string, string | undefined>>,
): Style {
  const terminal = stream.isTTY === true;
  const coloured = terminal && !env.NO_COLOR && env.TERM !== 'dumb';
  return { terminal, colour: new Chalk({ level: coloured ? 1 : 0 }), columns: terminal ? stream.columns : undefined };
}
