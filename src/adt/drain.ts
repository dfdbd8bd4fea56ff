// A generator that gives something on its way and something at its end, read in one go.

/** Visits all that the generator yields, and returns what it returns. */
export function drain<Yielded, Returned>(
  generator: Iterator<Yielded, Returned>,
  visit: (value: Yielded) => void,
): Returned {
  let next = generator.next();
  for (; !next.done; next = generator.next()) visit(next.value);
  return next.value;
}
