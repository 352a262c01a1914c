export interface Cleanup {
  /** Remembers how to undo what was just done; the last is undone first. */
  add(undo: () => Promise<unknown> | unknown): void
  run(): Promise<void>
}

/** What is to be undone at the end, whether it comes by itself, by a failure or by Ctrl-C. */
export function openCleanup(): Cleanup {
  const steps: (() => Promise<unknown> | unknown)[] = []
  let running: Promise<void> | undefined
  const undoAll = async () => {
    for (let undo = steps.pop(); undo !== undefined; undo = steps.pop()) {
      try {
        await undo()
      } catch (error) {
        console.error(`while cleaning up: ${String(error)}`)
      }
    }
  }
  return {
    add: (undo) => void steps.push(undo),
    run() {
      running ??= undoAll()
      return running
    },
  }
}
