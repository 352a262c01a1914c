import type { AuthDeps } from './auth/authenticate.ts'
import { findCardsOfJourney } from './binding/store.ts'
import type { Parts } from './gateway.ts'
import { openSession, type PageOwner, pageUrlOf } from './hosted/sessions.ts'
import { publicUrl } from './hosted-pages.ts'
import { openPaymentCodes, type PaymentCodes } from './payment/steps/codes.ts'
import { findOfJourney, findOpenOfCard } from './payment/steps/journeys/store.ts'
import type { ResendDeps } from './payment/steps/resend.ts'
import type { StepDeps } from './payment/steps/settle.ts'
import type { PaymentName } from './payment/steps/stepped.ts'
import { findPayments } from './payment/store.ts'

/** How long a page can still be looked at when its customer may not confirm any more. */
const PAGE_KEPT_MS = 86_400_000

/** What settles payments whose customers confirm them with codes or in an app. `linking`: the connections that write it. */
export function stepDeps(
  { app, config, vault }: Pick<Parts, 'app' | 'config' | 'vault'>,
  { transaction }: Pick<StepDeps, 'transaction'>,
): StepDeps {
  const longestMs = Math.max(config.debitConfirmSeconds, config.jumpAppLongestSeconds) * 1000
  return {
    transaction,
    vault,
    pageUrl: (payment) => pageUrlOf(vault, publicUrl({ app, config }), ownerOf(payment)),
    openPage: (sql, payment) =>
      openSession(sql, vault, ownerOf(payment), {
        createdAt: payment.createdAt,
        keepMs: longestMs + PAGE_KEPT_MS,
      }),
  }
}

/** What partners and customers send about the codes of payments. */
export function openCodes(
  auth: Pick<AuthDeps, 'customerTokens' | 'findCustomer'>,
  parts: Parts,
): PaymentCodes {
  const { sql } = parts.database
  return openPaymentCodes({
    ...codeDeps(parts),
    sql,
    find: (partnerId, names) => findPayments(sql, partnerId, names),
    findOfJourney: (partnerId, journeyId) => findOfJourney(sql, partnerId, journeyId),
    findOpenOfCard: (partnerId, bankCardToken) => findOpenOfCard(sql, partnerId, bankCardToken),
    findCardsOfJourney: (partnerId, journeyId) => findCardsOfJourney(sql, partnerId, journeyId),
    async readCustomer(partnerId, token) {
      const read = await auth.customerTokens.read(token)
      if (read?.accountId === undefined || read.clientId !== partnerId) return undefined
      return (await auth.findCustomer(partnerId, read.accountId))?.bankCardToken
    },
  })
}

export function codeDeps({ config, clock, channels, steps }: Parts): ResendDeps {
  const { claimTimeoutMs, networkTimeoutMs, settleTimeoutMs, firstInquiryMs } = config
  return {
    ...steps,
    clock,
    channels,
    networkTimeoutMs,
    firstInquiryMs,
    // Not before the request itself must have ended one way or the other.
    longestRequestMs: claimTimeoutMs + networkTimeoutMs + settleTimeoutMs,
    resendPauseMs: config.otpResendSeconds * 1000,
  }
}

function ownerOf({ partnerId, referenceNo }: PaymentName): PageOwner {
  return { kind: 'payment', partnerId, referenceNo }
}
