import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { CONTRACTS } from '@gerbang/snap'
import { openStage, type Stage } from '../stage.ts'

let stage: Stage
before(async () => {
  stage = await openStage()
})
after(() => stage.close())

/** Written out, so that none gets lost: older merchants still call them. */
const OLDER: readonly (readonly [path: string, operation: string])[] = [
  ['/api/v1/access-token/b2b2c', 'access-token-b2b2c'],
  ['/direct-debit/merchant/allo/v1.0/registration-account-binding', 'registration-account-binding'],
  ['/direct-debit/merchant/allo/v1.0/registration-account-unbinding', 'registration-account-unbinding'],
  ['/direct-debit/merchant/allo/v1.0/debit/payment-host-to-host', 'payment-host-to-host'],
  ['/direct-debit/merchant/allo/v1.0/debit/refund', 'refund'],
  ['/direct-debit/merchant/allo/v1.0/balance-inquiry', 'balance-inquiry'],
  ['/direct-debit/v1/registration-account-unbinding', 'registration-account-unbinding'],
  ['/wtd-direct-debit-snap-bri/snap/v1.0/registration-card-bind', 'registration-card-bind'],
  ['/direct-debit/merchant/cimb/v1.0/otp-verification', 'otp-verification'],
  ['/direct-debit/cimb/v1.0/otp-verification', 'otp-verification'],
  ['/direct-debit/bri/v1.0/otp-verification', 'otp-verification'],
  ['/direct-debit/mandiri/v1.0/otp-verification', 'otp-verification'],
  ['/direct-debit/allobank/v1.0/otp-verification', 'otp-verification'],
  ['/direct-debit/ovo/v1.0/otp-verification', 'otp-verification'],
]

for (const [path, operation] of OLDER)
  test(`${path} is ${operation}, signed as it is called`, async () => {
    const known = CONTRACTS.find((contract) => contract.operation === operation)
    assert.ok(known)
    const [older, usual] = await Promise.all(
      [path, known.path].map((called) => stage.merchant.call(called, {})),
    )
    assert.deepEqual([older?.status, older?.body], [usual?.status, usual?.body])
    assert.match(String(older?.body.responseCode), /^40[01]\d{4}$/)
  })
