import type { Parts } from './gateway.ts'
import { openSession, type PageOwner, pageUrlOf } from './hosted/sessions.ts'
import { publicUrl } from './hosted-pages.ts'
import type { StepDeps } from './payment/steps/settle.ts'
import type { PaymentName } from './payment/steps/stepped.ts'

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

function ownerOf({ partnerId, referenceNo }: PaymentName): PageOwner {
  return { kind: 'payment', partnerId, referenceNo }
}
