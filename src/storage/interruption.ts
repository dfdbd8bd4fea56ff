// Lets work that makes temporary files notice that the process is asked to end, so that it removes them first. Such
// work is long. Node.js hears of a signal only when the work pauses, so it pauses now and then.

import { type EndingSignal, InterruptedError, type OnInterrupt } from '../errors.js';

/** Pauses for a moment. Throws InterruptedError if the process is asked to end. */
export type Pause = () => Promise<void>;

/**
 * Runs `body`, which pauses now and then. When a pause throws, it takes back what it has begun. A signal that comes
 * after the last pause is too late: the work is then done.
 */
export async function interruptible<T>(
  onInterrupt: OnInterrupt | undefined,
  body: (pause: Pause) => Promise<T>,
): Promise<T> {
  let received: EndingSignal | undefined;
  const stopListening = onInterrupt?.((signal) => {
    received ??= signal;
  });
  try {
    return await body(async () => {
      await new Promise((resolve) => setImmediate(resolve));
      if (received !== undefined) throw new InterruptedError(received);
    });
  } finally {
    stopListening?.();
  }
}
