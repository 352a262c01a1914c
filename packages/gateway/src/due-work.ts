export interface DueWorkDeps<Item> {
  /** Things that are worked on at the same time. */
  readonly most: number
  /** Takes at most so many things that are due. */
  readonly take: (most: number) => Promise<readonly Item[]>
  readonly work: (item: Item) => Promise<void>
  readonly onFault: (error: unknown) => void
}

export interface DueWork {
  /** Takes up what is due until nothing more is, and does not wait for the last of it. Rejects when nothing can be taken. */
  pass(signal?: AbortSignal): Promise<void>
  /** Resolves when nothing is being worked on any more. */
  idle(): Promise<void>
}

/** Works on what falls due, a bounded number at a time: one that hangs holds one place and nobody else. */
export function openDueWork<Item>({ most, take, work, onFault }: DueWorkDeps<Item>): DueWork {
  const running = new Set<Promise<void>>()

  function start(item: Item): void {
    const done = work(item)
      .catch(onFault)
      .finally(() => running.delete(done))
    running.add(done)
  }

  return {
    async pass(signal) {
      while (!signal?.aborted) {
        const free = most - running.size
        const due = free > 0 ? await take(free) : []
        for (const item of due) start(item)
        if (due.length < free) return
        await Promise.race(running)
      }
    },
    async idle() {
      await Promise.all(running)
    },
  }
}

/** Several works that are taken up together. A pass ends with the last of them. */
export function joinWorks(works: readonly DueWork[]): DueWork {
  return {
    async pass(signal) {
      await Promise.all(works.map((work) => work.pass(signal)))
    },
    async idle() {
      await Promise.all(works.map((work) => work.idle()))
    },
  }
}
