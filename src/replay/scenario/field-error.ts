// Errors about a value that was read from a file. Each knows its field, and gets the file's name and the line later.

import { MvccwError } from '../../errors.js';

type Path = readonly (string | number)[];

/** An error about the field at a path of the value that was read. */
export class FieldError extends MvccwError {
  constructor(
    readonly path: Path,
    cause: MvccwError,
  ) {
    super(cause.code, cause.message, { cause, hint: cause.hint });
  }
}

/**
 * Runs `body`. Its error becomes one about the field at `path`; an error that is about a field already is about that
 * field within `path`.
 */
export function inField<T>(path: Path, body: () => T): T {
  try {
    return body();
  } catch (error) {
    if (error instanceof FieldError) throw new FieldError([...path, ...error.path], error);
    throw error instanceof MvccwError ? new FieldError(path, error) : error;
  }
}
