/** What the shell is told. */
export const EXIT = { ok: 0, failedCheck: 1, usage: 2, unreachable: 3, refused: 4 } as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** Numbers of a payment, by SNAP's names. */
export type Numbers = Readonly<Record<string, string | undefined>>

/** Ends a command: what happened and why, the next command to type, the exit code. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure'
  readonly exitCode: ExitCode
  readonly next: string | undefined
  /** By which one can ask about it later; a number that is absent is not told. */
  readonly numbers: Numbers
  /** For `--json`. */
  readonly facts: Readonly<Record<string, unknown>>

  constructor(
    exitCode: ExitCode,
    message: string,
    about: { next?: string | undefined; numbers?: Numbers; facts?: Record<string, unknown> } = {},
  ) {
    super(message)
    this.exitCode = exitCode
    this.next = about.next
    this.numbers = about.numbers ?? {}
    this.facts = about.facts ?? {}
  }
}

/** A mistake in how the command was called or set up. */
export function usageFailure(message: string, next?: string): CommandFailure {
  return new CommandFailure(EXIT.usage, message, { next })
}
