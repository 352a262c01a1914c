import { formatMoment } from './format.ts'
import { type Html, html } from './html.ts'
import { sourceOf, subjectOf, textsOf } from './layout.ts'
import { shopLink } from './links.ts'
import type { Page } from './model.ts'

/** What the customer confirms, line by line, with the number to ask for it by. */
export function summary(page: Page): Html {
  return listOf(page, [])
}

/** The same for the file, with the shop's own number and the moment it happened, in epoch milliseconds. */
export function receipt(page: Page, happenedAt: number): Html {
  const { partnerReferenceLabel, timeLabel } = textsOf(page)
  return listOf(page, [
    [partnerReferenceLabel, page.partnerReference],
    [timeLabel, formatMoment(happenedAt, page.language, page.zone)],
  ])
}

type Row = readonly [label: string, value: string | undefined]

function listOf(page: Page, more: readonly Row[]): Html {
  const texts = textsOf(page)
  const { amount } = subjectOf(page)
  const rows: readonly Row[] = [
    [texts.shopLabel, page.shop],
    [texts.amountLabel, amount],
    [sourceOf(page).label, page.maskedCard && [page.issuer, page.maskedCard].filter(Boolean).join(' ')],
    [texts.referenceLabel, page.reference],
    ...more,
  ]
  const shown = rows.filter(([, value]) => value)
  return shown.length === 0
    ? html``
    : html`<dl>${shown.map(([label, value]) => html`<div><dt>${label}</dt><dd>${value}</dd></div>`)}</dl>`
}

/** The way back to the shop, or the word that the page may be closed where the shop named none. */
export function wayBack(page: Page): Html {
  const texts = textsOf(page)
  const link = shopLink(page.returnUrl)
  return link === undefined
    ? html`<p>${texts.mayClose}</p>`
    : html`<p><a class="button main" href="${link}" rel="noreferrer" data-shop>${texts.backToShop}</a></p>`
}
