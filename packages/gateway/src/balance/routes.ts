import {
  type BalanceBody,
  BalanceInquiry,
  formatAmount,
  responseCode,
  responseMessage,
  SnapError,
} from '@gerbang/snap'
import type { FastifyInstance } from 'fastify'
import type { AuthDeps } from '../auth/authenticate.ts'
import { refusalOfChannel } from '../auth/gates.ts'
import { addSignedRoute, type SignedCall } from '../auth/signed-route.ts'
import { type CardToken, openCardToken } from '../card-token/card-token.ts'
import type { Balance, Balances, Channel } from '../channels/channel.ts'
import { channelNamed, findChannel } from '../channels/index.ts'
import { noteMissing } from '../channels/missing-headers.ts'
import { expectCustomer } from '../payment/customer.ts'
import type { StoredReply } from '../reply.ts'
import type { Vault } from '../vault/vault.ts'

export interface BalanceDeps {
  readonly vault: Vault
  readonly channels: readonly Channel[]
  readonly findAccount: (partnerId: string, bankCardToken: string) => Promise<CardToken | undefined>
  readonly networkTimeoutMs: number
}

/** Service 11: what the account of the customer whose token comes along holds. Nothing is written: it may be asked at any time. */
export function addBalanceRoutes(app: FastifyInstance, auth: AuthDeps, deps: BalanceDeps): void {
  addSignedRoute<BalanceBody>(app, auth, {
    contract: BalanceInquiry,
    handle: (call) => inquire(deps, call),
  })
}

async function inquire(deps: BalanceDeps, call: SignedCall<BalanceBody>): Promise<StoredReply> {
  const { caller, headers, line } = call
  const { partnerId, profile } = caller.partner
  const named = namedChannel(deps, call.body)
  const { bankCardToken } = expectCustomer({ customer: caller.customer, headers })
  const account = await deps.findAccount(partnerId, bankCardToken)
  if (account === undefined || account.state !== 'active') throw new SnapError('invalidCustomerToken')
  if (named !== undefined && named.profile.name !== account.channel)
    throw new SnapError('invalidCustomerToken')
  const channel = named ?? channelNamed(deps.channels, account.channel)
  if (channel?.balances === undefined || !channel.profile.hasBalance)
    throw new SnapError('requestedFunctionIsNotSupported')
  line.channel = channel.profile.name
  const refusal = refusalOfChannel(caller.partner, channel.profile.name)
  if (refusal !== undefined) throw refusal
  noteMissing(line, channel.profile, { operation: 'balance-inquiry', headers })
  const balances = await ask(deps, { channel, balances: channel.balances, account, partnerId })
  const body = {
    responseCode: responseCode('balance-inquiry', 'successful', profile),
    responseMessage: responseMessage('successful'),
    accountInfos: balances.map(infoOf),
  }
  return { status: 200, text: JSON.stringify(body) }
}

function namedChannel({ channels }: BalanceDeps, { additionalInfo }: BalanceBody): Channel | undefined {
  const name = additionalInfo?.channel
  if (name === undefined) return undefined
  const channel = findChannel(channels, { name, chargeToken: undefined })
  if (channel === undefined) throw new SnapError('invalidFieldFormat', { detail: 'additionalInfo.channel' })
  if (channel.balances === undefined || !channel.profile.hasBalance)
    throw new SnapError('requestedFunctionIsNotSupported')
  return channel
}

async function ask(
  { vault, networkTimeoutMs }: BalanceDeps,
  about: {
    readonly channel: Channel
    readonly balances: Balances
    readonly account: CardToken
    readonly partnerId: string
  },
): Promise<readonly Balance[]> {
  const { networkToken } = openCardToken(vault, about.account)
  const answer = await about.balances.inquireBalance(
    { merchantId: about.partnerId, networkToken },
    networkTimeoutMs,
  )
  if (answer.kind === 'declined') throw new SnapError(answer.outcome)
  if (answer.kind === 'unresolved') throw new SnapError(about.channel.profile.silence)
  return answer.balances
}

function infoOf({ balanceType, amountMinor, holdMinor }: Balance) {
  const money = (minor: bigint) => ({ value: formatAmount(minor), currency: 'IDR' })
  // A bank may hold more than there is, and then nothing is free.
  const freely = money(holdMinor < amountMinor ? amountMinor - holdMinor : 0n)
  return {
    balanceType,
    amount: money(amountMinor),
    // One is how DOKU's clients spell it, the other the standard's word.
    flatAmount: freely,
    floatAmount: freely,
    holdAmount: money(holdMinor),
  }
}
