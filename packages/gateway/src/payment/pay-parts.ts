import { type PaymentBody, parseAmount, SnapError } from '@gerbang/snap'
import type { PayPart } from '../channels/charge-source.ts'
import type { PaymentProfile } from '../channels/profile.ts'

/**
 * With which kinds of money the amount of a body is to be paid, in the order of its `payOptionDetails`. Undefined when it says
 * nothing of it, or when its channel leaves nothing to choose. Throws the SnapError that names the member, or `invalidAmount` when
 * the parts are not the whole.
 */
export function payPartsOf(
  { payOptionDetails = [], amount }: PaymentBody,
  { methods }: PaymentProfile,
): readonly PayPart[] | undefined {
  if (methods === undefined || payOptionDetails.length === 0) return undefined
  const whole = payOptionDetails.length === 1 ? amount.value : undefined
  const sums = new Map<string, bigint>()
  for (const [place, option] of payOptionDetails.entries()) {
    const { method, amountMinor } = partOf(option, { methods, whole, member: `payOptionDetails.${place}` })
    if (amountMinor > 0n) sums.set(method, (sums.get(method) ?? 0n) + amountMinor)
  }
  const sum = [...sums.values()].reduce((total, minor) => total + minor, 0n)
  if (sum === 0n || sum !== parseAmount(amount.value)) throw new SnapError('invalidAmount')
  return [...sums].map(([method, amountMinor]) => ({ method, amountMinor }))
}

type PayOption = NonNullable<PaymentBody['payOptionDetails']>[number]

/** `whole`: what a part without an amount pays, if it is the only one. */
function partOf(
  { payMethod, transAmount }: PayOption,
  about: {
    readonly methods: readonly string[]
    readonly whole: string | undefined
    readonly member: string
  },
): PayPart {
  const { methods, whole, member } = about
  const method = payMethod?.toUpperCase() ?? ''
  if (!methods.includes(method)) throw malformed(`${member}.payMethod`)
  const { value = whole, currency = 'IDR' } = transAmount ?? {}
  if (value === undefined)
    throw new SnapError('invalidMandatoryField', { detail: `${member}.transAmount.value` })
  // Nothing of one kind is a part too, and clients write it.
  const amountMinor = NOTHING.test(value) ? 0n : parseAmount(value)
  if (amountMinor === undefined) throw malformed(`${member}.transAmount.value`)
  if (currency !== 'IDR') throw malformed(`${member}.transAmount.currency`)
  return { method, amountMinor }
}

const NOTHING = /^0+\.00$/

function malformed(detail: string): SnapError {
  return new SnapError('invalidFieldFormat', { detail })
}
