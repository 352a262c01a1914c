import { type Done, doneNow, type Reply } from './answering.ts'
import { decideBinding } from './binding-decision.ts'
import { type BindingStepParts, openBindingSteps } from './binding-steps.ts'
import { bindingReply, CANCELLED, OTP_SENT, PENDING, wordAt } from './binding-words.ts'
import type { BindingBody, VerificationBody } from './contract-cards.ts'
import type { Issuing } from './decision.ts'
import { type Payer, payerOfCard } from './payer.ts'
import type { Binding } from './record.ts'
import { openResend } from './resend.ts'
import { openVerification } from './verification.ts'

/** Keeping cards: a reference that was used already is answered with what became of it. */
export interface Bindings {
  bind(body: BindingBody, controlCase: string | undefined): Done
  find(referenceNo: string): Binding | undefined
  reply(referenceNo: string): Reply
  resend(referenceNo: string, controlCase: string | undefined): Done
  verify(referenceNo: string, body: VerificationBody, controlCase: string | undefined): Done
  cancel(referenceNo: string): Reply
}

export function openBindings(parts: BindingStepParts & { readonly issuing: Issuing }): Bindings {
  const { issuing, ledger, otps, now } = parts
  const known = ledger.kept.binding
  const blockedCards = new Map<string, number>()
  const block = (binding: Binding) => void blockedCards.set(cardOf(binding), binding.cardBlockedUntil)
  for (const binding of known.values()) if (binding.cardBlockedUntil > 0) block(binding)
  const steps = openBindingSteps(parts)
  const verify = openVerification({ steps, otps, now, block })
  const resend = openResend({ steps, otps, now })

  function reply(referenceNo: string): Reply {
    const binding = steps.observe(referenceNo)
    if (!binding) return { status: 404, body: { referenceNo, resultCode: '25' } }
    return { status: 200, body: bindingReply(binding, wordAt(binding, now())) }
  }

  function book(body: BindingBody, controlCase: string | undefined): Done['answer'] {
    const payer = payerOfCard(issuing.accounts, body.cardNumber)
    const binding = newBinding(body, payer, { position: known.size + 1, at: now() })
    const isBlocked = (blockedCards.get(cardOf(binding)) ?? 0) > now()
    const plan = decideBinding(issuing, body, { payer, controlCase, now: now(), isBlocked })
    steps.follow(binding, plan, OTP_SENT)
    return plan.answer
  }

  return {
    find: (referenceNo) => known.get(referenceNo),
    reply,
    bind(body, controlCase) {
      const { referenceNo, expiresAt } = body
      if (known.has(referenceNo)) return doneNow(() => reply(referenceNo))
      if (!(Date.parse(expiresAt) > now())) {
        return doneNow(() => ({ status: 410, body: { referenceNo, resultCode: '68' } }))
      }
      return {
        answer: book(body, controlCase),
        leftMs: () => steps.leftMs(referenceNo),
        reply: () => reply(referenceNo),
      }
    },
    resend(referenceNo, controlCase) {
      const binding = steps.observe(referenceNo)
      return binding ? resend(binding, controlCase) : doneNow(() => reply(referenceNo))
    },
    verify(referenceNo, body, controlCase) {
      const binding = steps.observe(referenceNo)
      return binding ? verify(binding, body, controlCase) : doneNow(() => reply(referenceNo))
    },
    cancel(referenceNo) {
      const binding = steps.observe(referenceNo)
      const isOpen = binding?.word.status === 'otp-sent' || binding?.word.status === 'pending'
      if (binding && isOpen) steps.enter({ ...binding, resolveAt: 0 }, CANCELLED)
      return reply(referenceNo)
    },
  }
}

/** What a blocked card is known by: its account, or what the ledger knows of its number. */
function cardOf({ accountId, maskedCard }: Binding): string {
  return accountId === '' ? maskedCard : accountId
}

function newBinding(
  body: BindingBody,
  payer: Payer,
  { position, at }: { position: number; at: number },
): Binding {
  return {
    referenceNo: body.referenceNo,
    merchantId: body.merchantId,
    merchantReferenceNo: body.merchantReferenceNo,
    customerId: body.customerId,
    maskedCard: payer.maskedCard,
    accountId: payer.account?.id ?? '',
    ...(payer.pattern ? { pattern: payer.pattern } : {}),
    phoneNo: body.phoneNo ?? `62899000${body.cardNumber.slice(-4)}`,
    networkReferenceNo: `B${String(position).padStart(11, '0')}`,
    at,
    word: PENDING,
    resolveAt: 0,
    becomes: PENDING,
    attempts: {},
    wrongTries: 0,
    cardBlockedUntil: 0,
  }
}
