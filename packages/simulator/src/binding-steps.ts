import type { After } from './answering.ts'
import { BOUND, OTP_SENT, wordOf } from './binding-words.ts'
import type { Ledger } from './ledger.ts'
import type { Otps } from './otp.ts'
import type { Plan } from './plan.ts'
import type { Binding, BindingWord } from './record.ts'
import type { Tokens } from './tokens.ts'

export interface BindingStepParts {
  readonly ledger: Ledger
  readonly tokens: Tokens
  readonly otps: Otps
  readonly now: () => number
  readonly after: After
}

/** How a binding gets from one word to the next; every step is written down before it is told. */
export interface BindingSteps {
  /** The binding as it is now: what was due has been done. */
  observe(referenceNo: string): Binding | undefined
  /** Lets the binding go as planned, where approval means `success`. */
  follow(binding: Binding, plan: Plan, success: BindingWord): Binding
  /** Gives the binding a word, with what belongs to it: a code on the way, a token. */
  enter(binding: Binding, word: BindingWord): Binding
  keep(binding: Binding): Binding
  /** Milliseconds until it resolves by itself. */
  leftMs(referenceNo: string): number
}

export function openBindingSteps({ ledger, tokens, otps, now, after }: BindingStepParts): BindingSteps {
  const known = ledger.kept.binding
  for (const binding of known.values()) awaitEnd(binding)

  /** A code is sent when it is due, whether or not anybody asks. */
  function awaitEnd({ referenceNo, word, resolveAt }: Binding) {
    if (word.status === 'pending' && resolveAt > 0) {
      after(Math.max(0, resolveAt - now()), () => void observe(referenceNo))
    }
  }

  function keep(binding: Binding): Binding {
    ledger.keep('binding', binding)
    return binding
  }

  function enter(binding: Binding, word: BindingWord): Binding {
    // The token first: half of the two lines after a crash is a token that nobody was told of.
    const networkToken = word.status === BOUND.status ? tokens.issue(binding).networkToken : undefined
    const entered = keep({
      ...binding,
      word,
      ...(word.status === OTP_SENT.status ? { otp: otps.send(binding, 0) } : {}),
      ...(networkToken === undefined ? {} : { networkToken }),
    })
    awaitEnd(entered)
    return entered
  }

  function observe(referenceNo: string): Binding | undefined {
    const binding = known.get(referenceNo)
    const isDue = binding?.word.status === 'pending' && binding.resolveAt > 0 && binding.resolveAt <= now()
    return binding && isDue ? enter({ ...binding, resolveAt: 0 }, binding.becomes) : binding
  }

  return {
    observe,
    enter,
    keep,
    leftMs: (referenceNo) => Math.max(0, (observe(referenceNo)?.resolveAt ?? 0) - now()),
    follow(binding, { first, later }, success) {
      const resolveAt = later ? now() + later.afterMs : 0
      const planned = { ...binding, resolveAt, becomes: wordOf(later?.verdict ?? first, success) }
      return enter(planned, wordOf(first, success))
    },
  }
}
