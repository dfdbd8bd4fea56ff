// Errors of what was read from a file: they know which field they are about, and get the file's name and line later.

import { MvccwError } from '../../errors.js';

type Path = readonly (string | number)[];

/** About the field at a path of the value that was read. */
export class FieldError extends MvccwError {
  constructor(
    readonly path: Path,
    cause: MvccwError,
  ) {
    super(cause.code, cause.message, { cause, hint: cause.hint });
  }
}

/** What `body` throws is about the field at `path`, or, when it is about a field already, about that one in it. */
export function inField<T>(path: Path, body: () => T): T {
  try {
    return body();
  } catch (error) {
    if (error instanceof FieldError) throw new FieldError([...path, ...error.path], error);
    throw error instanceof MvccwError ? new FieldError(path, error) : error;
  }
}
