// Lets work that makes temporary files notice that the process is asked to end, so that it takes them away first. Such
// work is long and gives the process no time to hear of a signal, unless it pauses now and then.

import { type EndingSignal, InterruptedError, type OnInterrupt } from '../errors.js';

/** Throws InterruptedError when the process is asked to end. */
export type Pause = () => Promise<void>;

/**
 * Runs `body`, which pauses now and then, and takes back what it has begun when that throws. A body that does not pause
 * again ends well, and then it is interrupted all the same.
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
