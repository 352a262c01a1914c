import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Channel } from '../../src/channels/channel.ts'
import { OVO } from '../../src/channels/ovo/profile.ts'
import { BALANCE_PATH, keepAccount } from '../kept-accounts.ts'
import { openStage, type Stage } from '../stage.ts'
import { WalletNetwork } from '../wallet-network.ts'

const wallet: Channel = {
  ...new WalletNetwork().channel,
  profile: OVO,
  balances: {
    inquireBalance: async () => ({
      kind: 'balance',
      balances: [{ balanceType: 'CASH', amountMinor: 10_000n, holdMinor: 25_000n }],
    }),
  },
}
let stage: Stage
before(async () => {
  stage = await openStage({ seams: { channels: [wallet] } })
})
after(() => stage.close())

test('of a wallet that holds more than it has nothing is free', async () => {
  const { headers } = await keepAccount(stage, 'ovo')
  const { status, body } = await stage.merchant.call(BALANCE_PATH, {}, { headers })
  assert.equal(status, 200, JSON.stringify(body))
  const money = (value: string) => ({ value, currency: 'IDR' })
  assert.deepEqual(body.accountInfos, [
    {
      balanceType: 'CASH',
      amount: money('100.00'),
      flatAmount: money('0.00'),
      floatAmount: money('0.00'),
      holdAmount: money('250.00'),
    },
  ])
})
