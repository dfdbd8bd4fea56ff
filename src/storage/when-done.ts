// Work whose end matters, be it synchronous or not.

/** Runs `body`, and then `end` with whether it has succeeded. If it returns a promise, that is when it is settled. */
export function whenDone<T>(body: () => T, end: (isDone: boolean) => void): T {
  let result: T;
  try {
    result = body();
  } catch (error) {
    end(false);
    throw error;
  }
  if (!(result instanceof Promise)) {
    end(true);
    return result;
  }
  const settled = result.then(
    (value) => {
      end(true);
      return value;
    },
    (error) => {
      end(false);
      throw error;
    },
  );
  return settled as T;
}
