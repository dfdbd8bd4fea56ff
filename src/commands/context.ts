// What every command gets: the outside world, its two outputs, and the shared options.

import type { Style } from '../output/terminal/style.js';
import type { Writer } from '../output/terminal/writer.js';
import type { ExitCode } from './exit-code.js';
import type { Io } from './io.js';

export const OUTPUT_FORMATS = ['simple', 'json', 'fields', 'table'] as const;
type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** The options that every command takes, as commander gives them. */
export interface SharedOptions {
  /** The path of the database; a default stands in where it was not given. */
  readonly db: string;
  readonly writeOut: OutputFormat;
  /** Keys and values as \xNN; only what prints them takes note. */
  readonly hex?: boolean;
}

export interface Context {
  /** The command line without node and script; once the flags are known, each as --name=VALUE or --name. */
  argv: readonly string[];
  readonly io: Io;
  readonly out: Writer;
  readonly err: Writer;
  /** Of stdout and of stderr. */
  readonly outStyle: Style;
  readonly errStyle: Style;
  /** What to exit with when the command ends well: 0, or 1 where it found a problem. */
  exitCode: ExitCode;
}
