import type { TObject } from 'typebox'
import type { HeaderName } from '../headers.ts'
import type { Operation } from '../response-codes.ts'
import { AccessTokenB2b } from './access-token-b2b.ts'
import { AccessTokenB2b2c } from './access-token-b2b2c.ts'
import { BalanceInquiry } from './balance-inquiry.ts'
import { Cancel } from './cancel.ts'
import { Otp } from './otp.ts'
import { OtpVerification } from './otp-verification.ts'
import { PaymentHostToHost } from './payment-host-to-host.ts'
import { Refund } from './refund.ts'
import { RegistrationAccountBinding } from './registration-account-binding.ts'
import { RegistrationAccountUnbinding } from './registration-account-unbinding.ts'
import { RegistrationCardBind } from './registration-card-bind.ts'
import { RegistrationCardUnbind } from './registration-card-unbind.ts'
import { Status } from './status.ts'

/** One endpoint of SNAP: what it is called, where it lives, what goes in and what comes out. */
export interface Contract {
  readonly operation: Operation
  readonly path: string
  /** Paths that older clients use. */
  readonly aliases?: readonly string[]
  readonly method: 'POST'
  /** Headers that it wants besides those of every transaction. */
  readonly headers?: readonly HeaderName[]
  readonly body: TObject
  readonly reply: TObject
}

/** The path of an operation, and those that older clients use. */
export function pathsOf({ path, aliases = [] }: Contract): readonly string[] {
  return [path, ...aliases]
}

export const CONTRACTS = [
  AccessTokenB2b,
  AccessTokenB2b2c,
  RegistrationAccountBinding,
  RegistrationAccountUnbinding,
  RegistrationCardBind,
  Otp,
  OtpVerification,
  RegistrationCardUnbind,
  PaymentHostToHost,
  Cancel,
  Refund,
  BalanceInquiry,
  Status,
] as const satisfies readonly Contract[]
