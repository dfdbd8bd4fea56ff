// Says what an output can take: a terminal has a width, and colour unless NO_COLOR is set; a pipe takes plain bytes.

import type { ChalkInstance } from 'chalk';

const COLOURS = ['bold', 'dim', 'red', 'green', 'yellow', 'cyan'] as const;

type Colour = Readonly<Record<(typeof COLOURS)[number], (text: string) => string>>;

export interface Style {
  /** Whether control characters must be escaped. */
  readonly terminal: boolean;
  readonly colour: Colour;
  readonly columns: number | undefined;
}

const PLAIN = Object.fromEntries(COLOURS.map((name) => [name, (text: string) => text])) as Colour;

export async function styleFor(
  stream: { readonly isTTY?: boolean; readonly columns?: number },
  env: Readonly<Record<string, string | undefined>>,
): Promise<Style> {
  const terminal = stream.isTTY === true;
  const coloured = terminal && !env.NO_COLOR && env.TERM !== 'dumb';
  return { terminal, colour: coloured ? await chalk() : PLAIN, columns: terminal ? stream.columns : undefined };
}

/** Loads the library only where it is used. */
async function chalk(): Promise<ChalkInstance> {
  const { Chalk } = await import('chalk');
  return new Chalk({ level: 1 });
}
