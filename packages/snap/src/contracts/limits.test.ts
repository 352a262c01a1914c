import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkBody } from '../check-body.ts'
import { withoutAbsent } from '../json-text.ts'
import type { Contract } from './contracts.ts'
import { PaymentHostToHost } from './payment-host-to-host.ts'
import { RegistrationAccountBinding } from './registration-account-binding.ts'
import { RegistrationCardBind } from './registration-card-bind.ts'
import { Status } from './status.ts'

const PAYMENT = { partnerReferenceNo: 'INV-1', amount: { value: '10000.00', currency: 'IDR' } }
const ACCOUNT = { phoneNo: '628123456789' }
const CARD = { cardData: 'x|y', custIdMerchant: 'C1' }

/** Puts a value where a dotted path says. */
function put(path: string, value: unknown): object {
  const [name = '', ...rest] = path.split('.')
  return { [name]: rest.length === 0 ? value : put(rest.join('.'), value) }
}

interface Limit {
  readonly contract: Pick<Contract, 'body'>
  readonly body: object
  readonly path: string
  /** The path as it is told, where it leads through a list. */
  readonly field?: string
  readonly good: readonly unknown[]
  readonly bad: readonly unknown[]
}

const param = (change: object) => [{ url: 'https://a.example', type: 'PAY_RETURN', ...change }]
const customer = { good: ['ayu@shop.example', 'ayu+a@b.c.d', 'Ayu Ç@é.id'], bad: ['ayu', 'a@b', '@b.c', 7] }
const birth = { good: ['19900131', '00000000'], bad: ['1990-01-31', '199001', '199001311', 19900131] }

const LIMITS: readonly Limit[] = [
  {
    contract: PaymentHostToHost,
    body: PAYMENT,
    path: 'feeType',
    good: ['OUR', 'BEN', 'SHA', 'our'],
    bad: ['FOO', 'OUR ', 1],
  },
  {
    contract: PaymentHostToHost,
    body: PAYMENT,
    path: 'additionalInfo.otpStatus',
    good: ['YES', 'NO', 'no'],
    bad: ['Y', 'maybe', true],
  },
  {
    contract: PaymentHostToHost,
    body: PAYMENT,
    path: 'urlParam',
    field: 'urlParam.0.isDeepLink',
    good: [param({ isDeepLink: 'Y' }), param({ isDeepLink: 'n' })],
    bad: [param({ isDeepLink: 'YES' }), param({ isDeepLink: true })],
  },
  {
    contract: PaymentHostToHost,
    body: PAYMENT,
    path: 'urlParam',
    field: 'urlParam.0.url',
    good: [param({ url: 'a'.repeat(255) })],
    bad: [param({ url: 'a'.repeat(256) })],
  },
  {
    contract: RegistrationAccountBinding,
    body: ACCOUNT,
    path: 'additionalInfo.email',
    ...customer,
  },
  { contract: RegistrationCardBind, body: CARD, path: 'additionalInfo.email', ...customer },
  { contract: RegistrationAccountBinding, body: ACCOUNT, path: 'additionalInfo.dateOfBirth', ...birth },
  { contract: RegistrationCardBind, body: CARD, path: 'additionalInfo.dateOfBirth', ...birth },
  {
    contract: Status,
    body: { originalPartnerReferenceNo: 'INV-1' },
    path: 'serviceCode',
    good: ['54', '55', 54, 55],
    bad: ['99', '56', '5', '0055', 7, 'ab'],
  },
]

for (const { contract, body, path, field = path, good, bad } of LIMITS) {
  const faultOf = (value: unknown) => checkBody(contract, withoutAbsent({ ...body, ...put(path, value) }))
  test(`${field} is held to what the documents say of it, and is absent when it is empty`, () => {
    for (const value of [...good, '', null, [], {}, undefined])
      assert.equal(faultOf(value), undefined, JSON.stringify(value))
    for (const value of bad)
      assert.deepEqual(faultOf(value), { kind: 'format', field }, JSON.stringify(value))
  })
}
