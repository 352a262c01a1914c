import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import type { Answer, Merchant } from '../merchant.ts'
import type { Stage } from '../stage.ts'
import { bodyOf, cardDataOf, type Wish } from './bodies.ts'
import type { Call, Client, TokenCall } from './client.ts'
import { type Customer, confirmOnPage } from './customer-page.ts'
import { readAs } from './readers.ts'
import { type Changes, Session } from './session.ts'
import { type Shop, toBind, toRegister } from './wishes.ts'

export const ALL_CHANNELS = { GERBANG_CHANNELS: 'kki,cimb,allo,bri,mandiri,ovo,dana,shopeepay' }

/** A merchant with that library at work, whose every answer the library has to be able to read. */
export class Walk {
  readonly client: Client
  readonly merchant: Merchant
  readonly session: Session
  #second = 0

  constructor(client: Client, merchant: Merchant) {
    this.client = client
    this.merchant = merchant
    this.session = new Session(client, merchant)
  }

  /** Php's external ids are seconds, so each call has a second of its own. */
  async call(call: Call, wish: Wish, changes: Changes = {}): Promise<Answer> {
    const at = Date.now() + 1_000 * this.#second++
    return this.session.call(call, bodyOf(this.client, call, wish), { at, ...changes })
  }

  /** Calls, has the library read the answer, and gives it back when it has that code. */
  async expect(responseCode: string, call: Call, wish: Wish, changes: Changes = {}): Promise<Answer> {
    const answer = await this.call(call, wish, changes)
    assert.equal(answer.body?.responseCode, responseCode, answer.text)
    this.read(call, answer)
    return answer
  }

  read(call: Call | TokenCall, answer: Answer): void {
    const { isAccepted, missed } = readAs(this.client.name, call, answer)
    assert.deepEqual([isAccepted, missed], [answer.status === 200, []], answer.text)
  }

  async redeem(authCode: string): Promise<void> {
    this.read('token_b2b2c', await this.session.redeem(authCode))
  }

  /** Asks until the payment stands as wanted. */
  async untilStands(paid: Wish, status: string): Promise<Answer> {
    const { channel, partnerReferenceNo } = paid
    const until = Date.now() + 10_000
    for (;;) {
      const wish = { channel, originalPartnerReferenceNo: partnerReferenceNo }
      const answer = await this.expect('2005500', 'check_status', wish)
      if (answer.body.latestTransactionStatus === status) return answer
      assert.ok(Date.now() < until, answer.text)
      await wait(50)
    }
  }

  /** An account or card of the customer's is kept; the authCode of what was kept. */
  async keep(stage: Stage, shop: Shop, customer: Customer): Promise<string> {
    const bound =
      shop.cardNumber !== undefined
        ? await this.expect(
            '2000100',
            'card_registration',
            toRegister(shop, customer, this.#cardData(shop.cardNumber)),
          )
        : await this.expect('2000700', 'account_binding', toBind(shop, customer))
    await confirmOnPage(stage, bound.body.redirectUrl, customer)
    return bound.body.additionalInfo.authCode
  }

  #cardData(bankCardNo: string): string {
    const card = { bankCardNo, bankCardType: 'D', expiryDate: '1230', email: 'ayu@shop.example' }
    return cardDataOf(this.client, card, this.merchant.keys.clientSecret)
  }
}

/** A merchant of its own with that library, which has its token. */
export async function openWalk(stage: Stage, client: Client, test: TestContext): Promise<Walk> {
  const walk = new Walk(client, await stage.addMerchant())
  test.after(() => walk.session.close())
  walk.read('token_b2b', await walk.session.mint())
  return walk
}
