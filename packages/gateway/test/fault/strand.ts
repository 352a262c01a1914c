import { Fate } from './process-alike.ts'

/** A life that stands still at some boundaries, until somebody lets it go on. */
export class Strand extends Fate {
  readonly #halts: ReadonlySet<string>
  #goOn: () => void = () => {}
  #arrived: () => void = () => {}
  #work: Promise<unknown> | undefined

  constructor(...halts: readonly string[]) {
    super(Number.POSITIVE_INFINITY)
    this.#halts = new Set(halts)
  }

  override guard<Arguments extends readonly unknown[], Result>(
    name: string,
    deed: (...given: Arguments) => Promise<Result>,
  ): (...given: Arguments) => Promise<Result> {
    return async (...given) => {
      await this.#halt(`before ${name}`)
      const result = await deed(...given)
      await this.#halt(`after ${name}`)
      return result
    }
  }

  /** Goes on to the next boundary, or to the end. The first step begins the work. */
  async step(begin: (strand: Strand) => Promise<unknown>): Promise<void> {
    const arrival = new Promise<void>((resolve) => {
      this.#arrived = resolve
    })
    if (this.#work === undefined) this.#work = begin(this)
    else this.#goOn()
    await Promise.race([arrival, this.#work.then(noop, noop)])
  }

  /** What came of the work, once it has been let through to its end. */
  async outcome<Result>(): Promise<Result> {
    return (await this.#work) as Result
  }

  async #halt(boundary: string): Promise<void> {
    if (!this.#halts.has(boundary)) return
    const gate = new Promise<void>((resolve) => {
      this.#goOn = resolve
    })
    this.#arrived()
    await gate
  }
}

function noop(): void {}

/** Every order in which strands of so many steps each can fall together, as the numbers of the strands. */
export function interleavings(steps: readonly number[]): number[][] {
  if (steps.every((left) => left === 0)) return [[]]
  return steps.flatMap((left, strand) =>
    left === 0
      ? []
      : interleavings(steps.map((count, at) => (at === strand ? count - 1 : count))).map((rest) => [
          strand,
          ...rest,
        ]),
  )
}
