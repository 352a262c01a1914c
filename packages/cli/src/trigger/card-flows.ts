import type { CardBinding, OtpVerification } from '@gerbang/sdk'
import { expectDone, otherwise, type Stage, tryRefused } from './stage.ts'

const RIGHT_CODE = '111000'
const BLOCKED_CODE = '222002'
/** Customers whose number holds this word are not let go by the simulated network. */
const HELD_CUSTOMER = 'UNBINDFAIL'
/** Bank 002, refusal at step 4, no delay; then the case and a last digit that nobody checks. */
const HELD_CARD = '9360000240000'

/** The cardholder gives the right code. */
export async function bindSuccessfully(stage: Stage): Promise<string> {
  const binding = await expectDone(stage, 'bind', stage.values.customer, () => bind(stage))
  const { bankCardToken } = await expectDone(stage, 'verify', binding.referenceNo ?? '', () =>
    verify(stage, binding, RIGHT_CODE),
  )
  if (bankCardToken === undefined) throw otherwise('the code brought no token')
  return bankCardToken
}

/** The network does not begin, of what case the telephone number says; without one the code is given too often. */
export async function bindInVain(stage: Stage): Promise<void> {
  const { caseCode, values } = stage
  if (caseCode !== undefined) {
    const phone = `62800000${caseCode}`
    const open = await tryRefused(stage, 'bind', values.customer, () => bind(stage, phone))
    if (open !== undefined) throw otherwise('the network has begun, or has not answered')
    return
  }
  const binding = await expectDone(stage, 'bind', values.customer, () => bind(stage))
  const bound = await tryRefused(stage, 'verify', binding.referenceNo ?? '', () =>
    verify(stage, binding, BLOCKED_CODE),
  )
  if (bound !== undefined) throw otherwise(`the card is ${bound.status}`)
}

/** The card is forgotten, and the network agrees. */
export async function unbindSuccessfully(stage: Stage): Promise<void> {
  const bankCardToken = await bindSuccessfully(stage)
  await expectDone(stage, 'unbind', stage.values.customer, () => stage.client.unbindCard({ bankCardToken }))
}

/** The network does not let the card go: of what case, the number of the card says. */
export async function unbindInVain(stage: Stage): Promise<void> {
  const { caseCode, values } = stage
  const held =
    caseCode === undefined
      ? { ...values, customer: `${HELD_CUSTOMER}${values.customer}` }
      : { ...values, cpan: `${HELD_CARD}${caseCode}0` }
  await unbindSuccessfully({ ...stage, values: held })
}

function bind({ client, values }: Stage, phoneNo = values.phone): Promise<CardBinding> {
  const { cpan: cardNumber, customer: custIdMerchant } = values
  return client.bindCard({ card: { cardNumber }, custIdMerchant, phoneNo, flow: 'host-to-host' })
}

function verify({ client }: Stage, { referenceNo }: CardBinding, otp: string): Promise<OtpVerification> {
  if (referenceNo === undefined) throw otherwise('the binding has no number')
  return client.verifyOtp({ originalReferenceNo: referenceNo, otp })
}
