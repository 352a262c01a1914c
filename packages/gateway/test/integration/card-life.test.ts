import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { bind, bound, codeOf, verify } from '../card-customer.ts'
import { redeem, refresh } from '../customer.ts'
import { readCard, unbind, untilEnded } from '../kept-cards.ts'
import { openStage, type Stage } from '../stage.ts'

let stage: Stage
before(async () => {
  stage = await openStage({ env: { GERBANG_UNBINDING_EVERY_MS: '20' } })
})
after(() => stage.close())

async function kept(cardNumber?: string) {
  const binding = await bound(stage, cardNumber === undefined ? {} : { cardNumber })
  const authCode = String(binding.answer.body.additionalInfo.authCode)
  const before = await redeem(stage.merchant, authCode)
  assert.equal(before.body.responseCode, '4017400', 'the password was not given yet')
  const code = await codeOf(stage, binding.referenceNo)
  const verified = await verify(stage.merchant, binding.referenceNo, code)
  assert.equal(verified.status, 200, verified.text)
  const [row] = await stage.query<{ token: string }>(
    'select bank_card_token token from bindings where reference_no = $1',
    [binding.referenceNo],
  )
  assert.ok(row)
  return { ...binding, authCode, bankCardToken: row.token }
}

test('a card is bound, pays with its customer’s token, is unbound over the network and can be bound anew', async () => {
  const first = await kept()
  const { body } = await redeem(stage.merchant, first.authCode)
  const pay = (token: string) => stage.merchant.pay({}, { headers: { 'Authorization-Customer': token } })
  assert.equal((await pay(body.accessToken)).status, 200)

  const { status, body: answer } = await unbind(stage.merchant, body.accessToken)
  assert.equal(status, 200)
  assert.equal((await pay(body.accessToken)).body.responseCode, '4015402')
  const line = await untilEnded(stage, first.bankCardToken)
  assert.deepEqual([line.card, line.bindings, line.sealed], ['inactive', ['inactive'], 0])
  const events = await stage.query<{ type: string; body: { bindings: string[] } }>(
    'select type, body from outbox where reference_no = $1 order by sequence',
    [answer.referenceNo],
  )
  assert.deepEqual(
    events.map(({ type, body }) => [type, body.bindings]),
    [
      ['card.unbinding.requested.v1', [first.referenceNo]],
      ['card.unbinding.completed.v1', [first.referenceNo]],
    ],
  )

  const second = await kept(first.cardNumber)
  assert.notEqual(second.bankCardToken, first.bankCardToken)
  assert.equal((await readCard(stage, first.bankCardToken)).card, 'inactive')
  for (const dead of [
    await redeem(stage.merchant, first.authCode),
    await refresh(stage.merchant, body.refreshToken),
  ])
    assert.equal(dead.body.responseCode, '4017400')
  assert.equal((await pay(body.accessToken)).body.responseCode, '4015402')
  assert.equal((await redeem(stage.merchant, second.authCode)).status, 200)
})

test('a card that the network does not let go works on', async () => {
  const cardNumber = (await kept()).cardNumber
  const answer = await bind(stage.merchant, { cardNumber, custIdMerchant: 'UNBINDFAIL7' })
  assert.equal(answer.body.responseCode, '2000100', answer.text)
  const code = await codeOf(stage, answer.body.referenceNo)
  assert.equal((await verify(stage.merchant, answer.body.referenceNo, code)).status, 200)
  const { authCode } = answer.body.additionalInfo
  const { body } = await redeem(stage.merchant, authCode)
  const [row] = await stage.query<{ token: string }>(
    'select bank_card_token token from bindings where reference_no = $1',
    [answer.body.referenceNo],
  )
  await unbind(stage.merchant, row?.token ?? '')
  const line = await untilEnded(stage, row?.token ?? '')
  assert.deepEqual([line.card, line.bindings, line.unbindings], ['active', ['active', 'active'], ['failed']])
  assert.equal((await refresh(stage.merchant, body.refreshToken)).status, 200)
})
