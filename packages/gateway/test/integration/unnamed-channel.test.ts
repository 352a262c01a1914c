import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { aDebit, CIMB, type KeptAccount, keepAccount } from '../kept-accounts.ts'
import { aPayment, newId, PAYMENT_PATH } from '../merchant.ts'
import { openStage, type Stage } from '../stage.ts'
import { aJump } from '../wallet-network.ts'

let stage: Stage
let cimb: KeptAccount
before(async () => {
  stage = await openStage({ env: { GERBANG_CHANNELS: 'kki,cimb,dana' } })
  cimb = await keepAccount(stage, 'cimb')
})
after(() => stage.close())

const NOBODYS = { 'Authorization-Customer': 'Bearer x.y.z' }
const ownTokens = () => cimb.headers
const none = () => ({})

const unnamed = { channel: undefined }
const debit = () => aDebit(CIMB, {}, unnamed)
const jump = (changes: object = {}) => aJump(newId(), { additionalInfo: unnamed, ...changes })
const card = (changes: object = {}) => ({ ...aPayment(), additionalInfo: unnamed, ...changes })
const NO_CARD = { chargeToken: undefined, otp: undefined }

for (const [name, body, headers, responseMessage] of [
  ['a customer’s account', debit, ownTokens, 'Invalid Mandatory Field additionalInfo.channel'],
  ['the account of nobody', debit, () => NOBODYS, 'Invalid Mandatory Field additionalInfo.channel'],
  ['a wallet that opens itself', jump, none, 'Invalid Mandatory Field additionalInfo.channel'],
  [
    'a wallet whose client sends a charge token to everybody',
    () => jump({ chargeToken: 'charge-token-0001' }),
    none,
    'Invalid Mandatory Field additionalInfo.channel',
  ],
  ['nothing at all', debit, none, 'Invalid Mandatory Field chargeToken'],
  [
    'a code without its card',
    () => card({ chargeToken: '' }),
    ownTokens,
    'Invalid Mandatory Field chargeToken',
  ],
  ['a card without its code', () => card({ otp: '' }), ownTokens, 'Invalid Mandatory Field otp'],
  [
    'a card of another scheme',
    () => card({ chargeToken: '4111111111111111' }),
    ownTokens,
    'Invalid Field Format chargeToken',
  ],
  [
    'a kept card',
    () => card({ ...NO_CARD, bankCardToken: 'a'.repeat(32) }),
    none,
    'Invalid Card/Account/Customer/Virtual Account',
  ],
] as const)
  test(`without its channel a payment with ${name} is told ${responseMessage}`, async () => {
    const answer = await stage.merchant.call(PAYMENT_PATH, body(), { headers: headers() })
    assert.equal(answer.body.responseMessage, responseMessage)
  })

test('a card pays without its channel, whatever else a client sends along', async () => {
  const answer = await stage.merchant.call(PAYMENT_PATH, card(), { headers: NOBODYS })
  assert.equal(answer.body.responseCode, '2005400')
})
