import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openStage, type Stage } from '../stage.ts'
import { MEMBERS } from './bodies.ts'
import type { Call } from './client.ts'
import { go } from './go.ts'
import { php } from './php.ts'
import { ALL_CHANNELS, openWalk } from './walk.ts'
import { aCustomer, SHOPS, toBind, toPay, toRefund } from './wishes.ts'
import type { Json } from './write-json.ts'

let stage: Stage
before(async () => {
  stage = await openStage({ env: ALL_CHANNELS })
})
after(() => stage.close())

const { cimb } = SHOPS
const original = {
  channel: cimb.channel,
  originalPartnerReferenceNo: '123456789012',
  partnerReferenceNo: '123456789012',
}
/** PHP makes a list of what has no members; Go does not. */
const EMPTY: Readonly<Record<string, Json>> = {
  null: null,
  'the empty text': '',
  'an empty list': [],
  'an empty object': {},
}

/** Requests with no more than they need, and what they are answered. */
const ASKED: Partial<
  Record<Call, readonly [responseCode: string, wish: () => Record<string, Json | undefined>]>
> = {
  account_binding: [
    '2000700',
    () => {
      const { customerName: _, email: __, ...needed } = toBind(cimb, aCustomer())
      return needed
    },
  ],
  payment: ['4015404', () => toPay(php, cimb)],
  payment_jump_app: [
    '2005400',
    () => ({
      channel: 'EMONEY_DANA_SNAP',
      partnerReferenceNo: String(Date.now()),
      amount: { value: '1000.00', currency: 'IDR' },
      urlParam: [{ url: 'https://shop.example/ok', type: 'PAY_RETURN', isDeepLink: 'N' }],
    }),
  ],
  refund: [
    '4040701',
    () => {
      const { reason: _, ...needed } = toRefund(cimb, original, '1000.00')
      return needed
    },
  ],
  check_status: ['4045501', () => ({ channel: cimb.channel, originalPartnerReferenceNo: '123456789012' })],
}

for (const [call, [responseCode, wish]] of Object.entries(ASKED) as [
  Call,
  (typeof ASKED)['payment'] & object,
][])
  for (const [kind, empty] of Object.entries(EMPTY))
    test(`${call} with ${kind} for whatever it need not say is answered ${responseCode}`, async (context) => {
      const walk = await openWalk(stage, kind === 'an empty object' ? go : php, context)
      const given = wish()
      const { body, info } = MEMBERS[call]
      const fill = (members: readonly string[]) =>
        Object.fromEntries(members.map((member) => [member, given[member] ?? empty]))
      const serviceCode = call === 'check_status' ? { serviceCode: '55' } : {}
      const document = { ...fill(body), ...serviceCode, additionalInfo: { ...fill(info), origin: empty } }
      const answer = await walk.session.call(call, document as Json, { customerToken: null })
      assert.equal(answer.body?.responseCode, responseCode, answer.text)
    })
