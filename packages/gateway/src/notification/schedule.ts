/**
 * When to try again after the attempts that failed so far, the first of them at `firstAt`, or undefined when it is to be given up. The
 * times count from the first attempt; one that is over already, because the gateway was away, is not made up for in a burst: the
 * shortest pause is kept. All in milliseconds.
 */
export function nextAttemptAt(
  offsets: readonly number[],
  made: { readonly attempts: number; readonly firstAt: number; readonly lastAt: number },
): number | undefined {
  const offset = offsets[made.attempts - 1]
  const [shortest = 0] = offsets
  return offset === undefined ? undefined : Math.max(made.firstAt + offset, made.lastAt + shortest)
}
