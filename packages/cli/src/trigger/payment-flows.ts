import type { Payment, PaymentStatus } from '@gerbang/sdk'
import { expectDone, otherwise, type Stage, tryRefused } from './stage.ts'

const APPROVES = '12345678'
/** Waits for a person, who does not come. */
const WAITS = '10000000'
/** Expires after a second. */
const EXPIRES = '30000001'
const INSUFFICIENT_FUNDS = '40314'

const FINAL_WITHIN_MS = 60_000

/** The cardholder approves. */
export async function paySuccessfully(stage: Stage): Promise<Payment> {
  const payment = await expectDone(stage, 'pay', stage.values.reference, () => pay(stage, APPROVES))
  if (payment.status === 'paid') return payment
  const final = await waitForFinal(stage, payment)
  if (final.status !== 'paid') throw otherwise(`the payment is ${final.status}`)
  return payment
}

/** The issuer, or the network, says no: of what case, the one-time token says. */
export async function payInVain(stage: Stage): Promise<void> {
  const oneTimeToken = `999${stage.caseCode ?? INSUFFICIENT_FUNDS}`
  const open = await tryRefused(stage, 'pay', stage.values.reference, () => pay(stage, oneTimeToken))
  if (open !== undefined) await expectFailure(stage, open)
}

/** The cardholder is asked, and has not answered yet. */
export async function payOpenly(stage: Stage): Promise<void> {
  const payment = await expectDone(stage, 'pay', stage.values.reference, () => pay(stage, WAITS))
  if (payment.status !== 'pending') throw otherwise('the payment is paid')
}

/** The cardholder is asked, and never answers. */
export async function payTooLate(stage: Stage): Promise<void> {
  const open = await expectDone(stage, 'pay', stage.values.reference, () => pay(stage, EXPIRES))
  await expectFailure(stage, open)
}

function pay({ client, values }: Stage, otp: string): Promise<Payment> {
  const { reference: partnerReferenceNo, amount, cpan: chargeToken } = values
  return client.pay({ partnerReferenceNo, amount, chargeToken, otp })
}

async function expectFailure(stage: Stage, open: Payment): Promise<void> {
  if (open.status === 'paid') throw otherwise('the payment is paid')
  const { status } = await waitForFinal(stage, open)
  if (status !== 'failed' && status !== 'cancelled') throw otherwise(`the payment is ${status}`)
}

async function waitForFinal({ client, tell }: Stage, open: Payment): Promise<PaymentStatus> {
  const { StillPendingError } = await import('@gerbang/sdk')
  try {
    const final = await client.waitForFinal(open, { timeoutMs: FINAL_WITHIN_MS, everyMs: 500 })
    const answer = [final.originalResponseCode, final.originalResponseMessage, `(${final.status})`]
    tell({ call: 'status', number: open.partnerReferenceNo, answer: answer.filter(Boolean).join(' ') })
    return final
  } catch (error) {
    if (error instanceof StillPendingError) throw otherwise('the payment is still open after a minute')
    throw error
  }
}
