import type { TObject } from 'typebox'
import type { Operation } from '../response-codes.ts'
import { AccessTokenB2b } from './access-token-b2b.ts'
import { PaymentHostToHost } from './payment-host-to-host.ts'
import { Status } from './status.ts'

/** One endpoint of SNAP: what it is called, where it lives, what goes in and what comes out. */
export interface Contract {
  readonly operation: Operation
  readonly path: string
  readonly method: 'POST'
  readonly body: TObject
  readonly reply: TObject
}

export const CONTRACTS = [AccessTokenB2b, PaymentHostToHost, Status] as const satisfies readonly Contract[]
