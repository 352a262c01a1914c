import { SnapClient } from '@gerbang/sdk'
import type { Options } from './config.ts'
import { type Kind, measureInTurn, printKinds, slowDowns } from './kinds.ts'
import { CARD_SOURCE, DEBIT_CHANNEL, type Source } from './merchant.ts'
import type { Rounds } from './round.ts'
import type { Stage } from './stage.ts'
import { figure } from './table.ts'

const CUSTOMERS = 200
const AT_ONCE = 8
/** Right wherever the simulator asks for a code. */
const CODE = '111000'
const BACK = 'https://shop.example/back'

/**
 * Direct debit beside payments with a card number, in alternating rounds: a payment with its code, which is two requests, and a
 * recurring one, which is one. Each is counted when the money has moved.
 */
export async function studyDebit(stage: Stage, rounds: Rounds, options: Options): Promise<void> {
  const tokens = await keepCards(stage)
  console.error(`customers of a bank: ${tokens.length}`)
  const kinds: readonly Kind[] = [
    { name: 'V1 card number', sources: [CARD_SOURCE] },
    { name: 'direct debit, code', sources: tokens.map((token) => sourceOf({ token, code: CODE }, 'SALE')) },
    { name: 'direct debit, recurring', sources: tokens.map((token) => sourceOf({ token }, 'RECURRING')) },
  ]
  const measured = await measureInTurn(rounds, options, kinds)
  printKinds(`payments, ${tokens.length} customers`, measured)
  for (const { name, share } of slowDowns(measured))
    console.log(`${name}: ${figure(share * 100, 0)} % slower than V1 (no target)`)
}

function sourceOf(customer: NonNullable<Source['customer']>, paymentType: string): Source {
  return {
    members: {
      additionalInfo: {
        channel: DEBIT_CHANNEL,
        paymentType,
        successPaymentUrl: BACK,
        failedPaymentUrl: BACK,
      },
    },
    customer,
  }
}

/** Customers who keep a card at the bank, host to host: the customer's token of each. */
async function keepCards(stage: Stage): Promise<readonly string[]> {
  const client = new SnapClient({
    baseUrl: stage.gateway.ready.url ?? '',
    clientId: stage.merchant.partnerId,
    clientSecret: stage.merchant.clientSecret,
    privateKey: stage.privateKeyPem,
  })
  const tokens: string[] = []
  let next = 0
  const keep = async () => {
    while (next < CUSTOMERS) tokens.push(await keepCard(client, next++))
  }
  await Promise.all(Array.from({ length: AT_ONCE }, keep))
  return tokens
}

async function keepCard(client: SnapClient, index: number): Promise<string> {
  const number = String(index).padStart(4, '0')
  const { authCode, referenceNo } = await client.bindCard({
    channel: DEBIT_CHANNEL,
    flow: 'host-to-host',
    card: { cardNumber: number, expiryDate: '1230' },
    custIdMerchant: `BENCH${number}`,
    phoneNo: `62857000${number}`,
    successUrl: BACK,
    failedUrl: BACK,
  })
  if (authCode === undefined || referenceNo === undefined) throw new Error('a card was not kept')
  await client.verifyOtp({ channel: DEBIT_CHANNEL, originalReferenceNo: referenceNo, otp: CODE })
  const { accessToken } = await client.customerToken({ authCode })
  return accessToken
}
