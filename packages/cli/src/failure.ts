/** What the shell is told. */
export const EXIT = { ok: 0, failedCheck: 1, usage: 2, unreachable: 3, refused: 4 } as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** Ends a command: what happened and why, the next command to type, the exit code. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure'
  readonly exitCode: ExitCode
  readonly next: string | undefined
  /** For `--json`. */
  readonly facts: Readonly<Record<string, unknown>>

  constructor(
    exitCode: ExitCode,
    message: string,
    about: { next?: string; facts?: Record<string, unknown> } = {},
  ) {
    super(message)
    this.exitCode = exitCode
    this.next = about.next
    this.facts = about.facts ?? {}
  }
}

/** A mistake in how the command was called or set up. */
export function usageFailure(message: string, next?: string): CommandFailure {
  return new CommandFailure(EXIT.usage, message, next === undefined ? {} : { next })
}
