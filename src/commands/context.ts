// Every command gets a context: the outside world, the two outputs, and the shared options.

import type { ValueFlags } from '../output/kube/choose-teller.js';
import type { ProgressLine } from '../output/terminal/progress-line.js';
import type { Style } from '../output/terminal/style.js';
import type { Writer } from '../output/terminal/writer.js';
import type { ExitCode } from './exit-code.js';
import type { Io } from './io.js';

export const OUTPUT_FORMATS = ['simple', 'json', 'fields', 'table'] as const;
type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** The options that every command takes, as commander gives them. */
export interface SharedOptions extends ValueFlags {
  /** The path of the database; a default when none was given. */
  readonly db: string;
  /** The folder of a write-ahead log that goes on from the database. */
  readonly wal?: string;
  /** Whether the log of a data directory is left out. */
  readonly compacted?: boolean;
  readonly writeOut: OutputFormat;
}

export interface Context {
  /** The command line without node and script. Once the flags are known, each is written as --name=VALUE or --name. */
  argv: readonly string[];
  readonly io: Io;
  readonly out: Writer;
  readonly err: Writer;
  /** Tells people at a terminal how far the command has come. */
  readonly progress: ProgressLine;
  /** The styles of stdout and of stderr. */
  readonly outStyle: Style;
  readonly errStyle: Style;
  /** The exit status of a command that throws nothing. */
  exitCode: ExitCode;
}
