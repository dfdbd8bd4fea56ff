// Reads a generator that yields values and returns a result, in one call.

/** Calls the visitor with each value that the generator yields, and returns the generator's result. */
export function drain<Yielded, Returned>(
  generator: Iterator<Yielded, Returned>,
  visit: (value: Yielded) => void,
): Returned {
  let next = generator.next();
  for (; !next.done; next = generator.next()) visit(next.value);
  return next.value;
}
