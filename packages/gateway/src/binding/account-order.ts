import { type AccountBindingBody, SnapError } from '@gerbang/snap'
import { cardLookup } from '../card-token/card-token.ts'
import { type Asked, type BindOrder, keeperOf, type OrderDeps, orderOf, refuseMissing } from './order.ts'
import { isPhone, normalisePhone } from './phone.ts'

type Additional = NonNullable<AccountBindingBody['additionalInfo']>

/** What may stand in members that some channels want. */
const WORDS = {
  osType: /^(ios|android)$/i,
  channelId: /^(app|web)$/i,
} as const satisfies { readonly [Member in keyof Additional]?: RegExp }

/** Turns the checked body of an account into an order, or throws the SnapError that says what stands in the way. */
export function takeAccountOrder(deps: OrderDeps, asked: Asked<AccountBindingBody>, now: number): BindOrder {
  const { partner, body } = asked
  const additionalInfo: Additional = body.additionalInfo ?? {}
  const keeper = keeperOf(deps.channels, 'account', { name: additionalInfo.channel })
  const { requires } = keeper.profile
  refuseMissing({ requires: ['additionalInfo.custIdMerchant', ...requires] }, body)
  refuseWrongWords(requires, additionalInfo)
  if (!isPhone(body.phoneNo)) throw new SnapError('invalidFieldFormat', { detail: 'phoneNo' })
  const phoneNo = normalisePhone(body.phoneNo)
  const { custIdMerchant = '', deviceModel, osType, channelId } = additionalInfo
  return orderOf(
    deps,
    asked,
    {
      kind: 'account',
      number: phoneNo,
      // The telephone number is the account's name at its bank or wallet, and at no other.
      lookup: cardLookup(
        deps.vault,
        partner.partnerId,
        JSON.stringify([keeper.channel.profile.name, phoneNo]),
      ),
      issuerNumber: '',
      lastFour: phoneNo.slice(-4),
      phoneNo,
      instructed: { kind: 'account', device: { deviceModel, osType, channelId } },
    },
    {
      keeper,
      now,
      custIdMerchant,
      partnerReferenceNo: body.partnerReferenceNo,
      journeyId: undefined,
      additionalInfo,
      content: { ...body, phoneNo },
    },
  )
}

function refuseWrongWords(requires: readonly string[], additionalInfo: Additional): void {
  for (const member of Object.keys(WORDS) as (keyof typeof WORDS)[]) {
    const isWanted = requires.includes(`additionalInfo.${member}`)
    if (isWanted && !WORDS[member].test(additionalInfo[member] ?? ''))
      throw new SnapError('invalidFieldFormat', { detail: `additionalInfo.${member}` })
  }
}
