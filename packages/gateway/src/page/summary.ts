import { formatMoment } from './format.ts'
import { type Html, html } from './html.ts'
import { subjectOf, textsOf } from './layout.ts'
import { shopLink } from './links.ts'
import type { Page } from './model.ts'

/** What the customer confirms, line by line; on receipts with the moment it happened (epoch milliseconds). */
export function summary(page: Page, happenedAt?: number): Html {
  const texts = textsOf(page)
  const { amount } = subjectOf(page)
  const rows: readonly (readonly [label: string, value: string | undefined])[] = [
    [texts.shopLabel, page.shop],
    [texts.amountLabel, amount],
    [texts.cardLabel, page.maskedCard && [page.issuer, page.maskedCard].filter(Boolean).join(' ')],
    [texts.referenceLabel, page.reference],
    [texts.partnerReferenceLabel, page.partnerReference],
    [
      texts.timeLabel,
      happenedAt === undefined ? undefined : formatMoment(happenedAt, page.language, page.zone),
    ],
  ]
  const shown = rows.filter(([, value]) => value)
  return shown.length === 0
    ? html``
    : html`<dl>${shown.map(([label, value]) => html`<div><dt>${label}</dt><dd>${value}</dd></div>`)}</dl>`
}

/** The way back to the shop, or the word that the page may be closed where the shop named none. */
export function wayBack(page: Page, look: 'main' | 'plain'): Html {
  const texts = textsOf(page)
  const link = shopLink(page.returnUrl)
  return link === undefined
    ? html`<p>${texts.mayClose}</p>`
    : html`<p><a class="button ${look}" href="${link}" rel="noreferrer" data-shop>${texts.backToShop}</a></p>`
}
