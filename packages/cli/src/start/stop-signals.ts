const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** One Ctrl-C arrives twice when npm passes it on as well; only a later one means impatience. */
const SAME_WISH_MS = 1_000

export interface StopSignals {
  /** Aborts at the first signal. */
  wanted: AbortSignal
  /** Aborts at a further one, a second or more later. */
  hurry: AbortSignal
  /** Gives the signals back to the process. */
  forget(): void
}

/** Listens for the signals with which a terminal, an init system or npm ask a process to stop. */
export function listenForStop(): StopSignals {
  const wanted = new AbortController()
  const hurry = new AbortController()
  let first = 0
  const hear = () => {
    if (wanted.signal.aborted && performance.now() - first > SAME_WISH_MS) hurry.abort()
    if (!wanted.signal.aborted) first = performance.now()
    wanted.abort(new Error('stopped before everything ran'))
  }
  for (const signal of SIGNALS) process.on(signal, hear)
  return {
    wanted: wanted.signal,
    hurry: hurry.signal,
    forget: () => {
      for (const signal of SIGNALS) process.off(signal, hear)
    },
  }
}
