import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { ACCOUNT_CHANNELS, CIMB, keptAccount, unbindAccount } from '../account-customer.ts'
import { codeOf, VERIFY_PATH } from '../card-customer.ts'
import { redeem } from '../customer.ts'
import { control } from '../fault/books.ts'
import { SetClock } from '../fault/process-alike.ts'
import { newId, PAYMENT_PATH } from '../merchant.ts'
import { aDebit } from '../kept-accounts.ts'
import { openStage, type Stage } from '../stage.ts'

const RIGHT = '111000'
const H2H = { 'X-CHANNEL-ID': 'H2H' }
const clock = new SetClock()
let stage: Stage
before(async () => {
  stage = await openStage({
    seams: { clock },
    simulator: { clock: clock.now },
    env: {
      ...ACCOUNT_CHANNELS,
      GERBANG_TRANSACTION_TOLERANCE_SECONDS: '0',
      GERBANG_TOKEN_SECONDS: '86400',
      GERBANG_CUSTOMER_TOKEN_SECONDS: '86400',
      GERBANG_UNBINDING_EVERY_MS: '20',
      GERBANG_UNBINDING_FIRST_PAUSE_MS: '50',
      GERBANG_NETWORK_TIMEOUT_MS: '1000',
    },
  })
})
after(() => stage.close())

const pick = <T,>(list: readonly T[]): T => list[Math.floor(Math.random() * list.length)] as T

test.skip('race', async () => {
  const accounts: { bankCardToken: string; accessToken: string; authCode: string; phoneNo: string }[] = []
  const tally = new Map<string, number>()
  for (let n = 0; n < 40; n++) {
    const account = await keptAccount(stage, {})
    const { body } = await redeem(stage.merchant, account.authCode)
    const kept = { ...account, accessToken: body.accessToken as string }
    accounts.push(kept)
    const give = (otp: string) =>
      stage.merchant.call(VERIFY_PATH, {
        otp,
        action: 'otpUnbinding',
        additionalInfo: { channel: CIMB, bankCardToken: pick([kept.accessToken, kept.bankCardToken]) },
      })
    const dh = () => unbindAccount(stage.merchant, kept.accessToken)
    const h2h = () => unbindAccount(stage.merchant, kept.accessToken, { headers: H2H })
    const pay = () =>
      stage.merchant.call(PAYMENT_PATH, aDebit(CIMB), {
        headers: { 'Authorization-Customer': kept.accessToken, 'X-CHANNEL-ID': 'H2H' },
      })
    const fault = (operation: string) =>
      control(stage, 'next', { fault: pick(['drop-after', 'drop-before']), match: { operation } })
    if (n % 5 !== 4) await h2h()
    if (n % 3 === 0) await fault(pick(['unbinding', 'verification']))
    const acts: [string, () => Promise<{ status: number; body: { responseCode: string } }>][] = []
    for (let k = 0; k < 6; k++)
      acts.push(
        pick([
          ['right', () => give(RIGHT)],
          ['wrong', () => give(pick(['222003', '100101', '100102']))],
          ['h2h', h2h],
          ['dh', dh],
          ['pay', pay],
          ['right', () => give(RIGHT)],
        ] as typeof acts),
      )
    await Promise.all(
      acts.map(async ([name, act]) => {
        await wait(Math.random() * 15)
        const answer = await act()
        const key = `${name} ${answer.status} ${answer.body.responseCode}`
        tally.set(key, (tally.get(key) ?? 0) + 1)
        assert.notEqual(answer.status, 500, JSON.stringify(answer.body))
      }),
    )
  }
  clock.jump(400_000)
  for (let k = 0; k < 200; k++) {
    const open = await stage.query('select 1 from unbindings where due_at is not null')
    if (open.length === 0) break
    if (k % 10 === 9) clock.jump(61_000)
    await wait(50)
  }
  console.log(Object.fromEntries([...tally].sort()))
  const open = await stage.query('select * from unbindings where due_at is not null')
  assert.deepEqual(open, [])
  const lines = (await readFile(stage.simulator.ledgerPath, 'utf8')).trim().split('\n').map((l) => JSON.parse(l))
  const grants = new Map<string, boolean>()
  for (const l of lines) if (l.y === 'grant') grants.set(l.phoneNo, l.isEnded)
  let gone = 0
  for (const a of accounts) {
    const [row] = await stage.query<{ state: string }>('select state from card_tokens where bank_card_token = $1', [a.bankCardToken])
    if (grants.get(a.phoneNo)) gone++
    assert.equal(row?.state, grants.get(a.phoneNo) ? 'inactive' : 'active', a.phoneNo)
  }
  console.log({ gone })
  const faults = stage.logged.filter((l) => /fault|alert/i.test(l))
  console.log(faults.slice(0, 5))
  const text = stage.logged.join('')
  for (const a of accounts) for (const secret of [a.accessToken, a.authCode, a.phoneNo]) assert.ok(!text.includes(secret), secret)
})

test.skip('garbage', async () => {
  const forms = ['.', '..', 'a.b.c', 'Bearer .', 'Bearer  x', 'e30.e30.', `${'a'.repeat(1000)}.${'b'.repeat(1000)}.c`, '\u0000.\u0000', '💥.💥', ' ', 'bearer ' + 'f'.repeat(32), 'F'.repeat(32), Buffer.from('e30.e30.e30').toString('base64'), Buffer.from('\u0000.\u0001').toString('base64'), 'eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.', '__proto__.a', 'f'.repeat(32) + '\n']
  const seen = new Map<string, number>()
  const hear = (label: string, a: { status: number; body: { responseCode?: string } }) => {
    const key = `${label} ${a.status} ${a.body?.responseCode}`
    seen.set(key, (seen.get(key) ?? 0) + 1)
    if (a.status >= 500) console.log('!!', label, JSON.stringify(a.body))
  }
  for (const form of forms) {
    hear('04', await stage.merchant.call(VERIFY_PATH, { otp: '111000', action: 'otpUnbinding', additionalInfo: { bankCardToken: form } }))
    for (const headers of [H2H, {}])
      for (const channel of [CIMB, 'DIRECT_DEBIT_BRI_SNAP', 'DIRECT_DEBIT_MANDIRI_SNAP', 'EMONEY_OVO_SNAP'])
        hear('09', await unbindAccount(stage.merchant, form, { headers, channel }))
    for (const channel of ['DIRECT_DEBIT_BRI_SNAP', 'DIRECT_DEBIT_MANDIRI_SNAP', 'KARTU_KREDIT_INDONESIA_SNAP'])
      hear('05', await stage.merchant.call('/direct-debit/core/v1/registration-card-unbind', { tokenId: form, additionalInfo: { channel } }))
  }
  for (const action of ['__proto__', 'constructor', '', ' ', 'otpUnbinding ', 'OTPUNLINKAGE'])
    for (const info of [undefined, {}, { bankCardToken: '' }, { bankCardToken: 'f'.repeat(32), channel: '__proto__' }])
      hear(`act ${action}`, await stage.merchant.call(VERIFY_PATH, { otp: '111000', action, additionalInfo: info }))
  for (const more of [{ originalReferenceNo: '\u0000' }, { journeyId: 'x' }, { otp: 111000 }, { additionalInfo: null }, { additionalInfo: [] }, { otp: ['1111'] }])
    hear('more', await stage.merchant.call(VERIFY_PATH, { otp: '111000', action: 'otpUnbinding', additionalInfo: { bankCardToken: 'f'.repeat(32) }, ...more }))
  hear('ext', await stage.merchant.call(VERIFY_PATH, { otp: '111000', action: 'otpUnbinding', additionalInfo: { bankCardToken: 'f'.repeat(32) } }, { externalId: newId(), headers: { 'Authorization-Customer': 'a.b' } }))
  void codeOf
  console.log(Object.fromEntries([...seen].sort()))
})

test('pay options', async () => {
  const account = await keptAccount(stage, { channel: 'EMONEY_OVO_SNAP' })
  const { body } = await redeem(stage.merchant, account.authCode)
  const t = (value: unknown, payMethod: unknown = 'CASH', currency: unknown = 'IDR') => ({ payMethod, transAmount: { value, currency } })
  const cases: unknown[] = [
    [], [{}], [{ payMethod: 'CASH' }], [{ payMethod: 'cash' }, { payMethod: 'POINTS' }], [t('10000.00')], [t('10000.0')], [t('-1.00'), t('10001.00')],
    [t('5000.00'), t('5000.00')], [t('0.00'), t('10000.00', 'POINTS')], [t('0.00'), t('0.00')], [t('9999999999999999.99'), t('0.01')],
    [t('99999999999999999999.99')], [t('10000.00', '__proto__')], [t('10000.00', 'CASH', 'USD')], [t('00010000.00')], [t('0000000000000000000000000.00'), t('10000.00')],
    Array.from({ length: 100 }, () => t('100.00')), Array.from({ length: 101 }, () => t('100.00')), 'x', null, { 0: t('10000.00') }, [null], [t(10000)], [t('1e4')], [t('10000.00\n')], [t('9999.99', 'CASH'), t('0.01', 'POINTS')],
  ]
  for (const [place, payOptionDetails] of cases.entries()) {
    const answer = await stage.merchant.call(PAYMENT_PATH, aDebit('EMONEY_OVO_SNAP', { payOptionDetails, feeType: 'OUR', amount: { value: '10000.00', currency: 'IDR' } }, { paymentType: 'SALE' }), {
      headers: { 'Authorization-Customer': body.accessToken },
    })
    console.log(place, answer.status, answer.body.responseCode, answer.body.responseMessage)
    assert.ok(answer.status < 500 || answer.status === 504)
  }
  const lines = (await readFile(stage.simulator.ledgerPath, 'utf8')).trim().split('\n').map((l) => JSON.parse(l)).filter((l) => l.y === 'bankCharge' && l.bank === 'ovo')
  console.log([...new Set(lines.map((l) => JSON.stringify({ a: l.amount, p: l.payOptions, v: l.verdict.status + l.verdict.resultCode })))].join('\n'))
})
