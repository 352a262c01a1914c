import { SCRIPT, STYLE } from './assets.ts'
import { FIELDS, otherLanguage } from './form.ts'
import { formatRupiah, type Language } from './format.ts'
import { pageHeaders } from './headers.ts'
import { type Html, html, type Part, trusted } from './html.ts'
import { icon } from './icons.ts'
import type { OpenPage, Page, RenderedPage } from './model.ts'
import { type SourceTexts, type Subject, TEXTS, type Texts } from './texts.ts'

export interface Content {
  /** The one `<h1>`. */
  readonly title: string
  /** Before the title in the browser's tab: what went wrong. */
  readonly prefix?: string | undefined
  readonly main: Html
  readonly status?: number
  /** Pages that ask the server for news need `connect-src`. */
  readonly isPolling?: boolean
  /** Without a script the page asks for itself again after so many seconds. */
  readonly refreshSeconds?: number
}

/** Where GET shows the page of the moment, in the language that is read. */
export function addressOf({ path, language }: Page, shownIn: Language = language): string {
  return `${path}?language=${shownIn}`
}

export function textsOf({ language }: Page): Texts {
  return TEXTS[language]
}

/** The words for what the customer is asked to confirm. */
export function purposeOf(page: Page): Texts['purposes'][keyof Texts['purposes']] {
  const isLinking = page.purpose === 'binding' && page.source === 'account'
  return textsOf(page).purposes[isLinking ? 'linking' : page.purpose]
}

/** The words for what is kept or charged. */
export function sourceOf(page: Page): SourceTexts {
  return textsOf(page).sources[page.source ?? 'card']
}

function cardOf(page: Page): Part {
  const { issuer = '', maskedCard } = page
  const { known, unknown } = sourceOf(page)
  return maskedCard === undefined || maskedCard === '' ? unknown : known(issuer, maskedCard)
}

/** Who and what, with general words for what is not known. */
export function subjectOf(page: Page): Subject {
  const texts = textsOf(page)
  const { shop, issuer, amount, language } = page
  return {
    shop: shop ?? texts.theShop,
    card: cardOf(page),
    bank: issuer ?? texts.yourBank,
    amount: amount === undefined ? '' : formatRupiah(amount, language),
  }
}

/** A page that asks the customer nothing: no form. */
export function closedPage(page: Page, content: Content): RenderedPage {
  const texts = textsOf(page)
  const other = otherLanguage(page.language)
  const link = html`<a class="language" href="${addressOf(page, other)}" lang="${other}" hreflang="${other}">${texts.otherLanguage}</a>`
  return rendered(page, content, html`<div class="page">${frame(page, content, link)}</div>`)
}

/** A page with its form around everything, so that the switch of language takes the typed code along. */
export function openPage(page: OpenPage, content: Content, whatEnterDoes: string): RenderedPage {
  const texts = textsOf(page)
  const other = otherLanguage(page.language)
  const button = html`<button class="language" name="${FIELDS.action}" value="language" lang="${other}" formnovalidate>${texts.otherLanguage}</button>`
  // Enter presses the first button of a form, and the first that is seen switches the language.
  return rendered(
    page,
    content,
    html`<form class="page" method="post" action="${page.path}" data-sending="${texts.sending}">
<input type="hidden" name="${FIELDS.csrf}" value="${page.csrfToken}"><input type="hidden" name="${FIELDS.language}" value="${page.language}">
<button class="unseen" name="${FIELDS.action}" value="${whatEnterDoes}" tabindex="-1" aria-hidden="true"></button>
${frame(page, content, button)}</form>`,
  )
}

function frame(page: Page, content: Content, languageSwitch: Html): Html {
  const texts = textsOf(page)
  const name = page.issuer ?? page.shop
  return html`<header><p class="bank">${name !== undefined && icon('lock')}${name}</p>${languageSwitch}</header>
<main>
${content.main}
</main>
<footer><p>${texts.help(subjectOf(page).bank)}</p></footer>
<p class="unseen" role="status" data-voice></p>
`
}

function rendered(page: Page, content: Content, body: Html): RenderedPage {
  const { title, prefix, refreshSeconds } = content
  const refresh: Part =
    refreshSeconds !== undefined &&
    html`<noscript><meta http-equiv="refresh" content="${refreshSeconds}; url=${addressOf(page)}"></noscript>
`
  const markup = html`<!doctype html>
<html lang="${page.language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${prefix === undefined ? '' : `${prefix}: `}${title}${page.shop === undefined ? '' : ` – ${page.shop}`}</title>
${refresh}<style>${trusted(STYLE.text)}</style>
</head>
<body data-path="${addressOf(page)}">
${body}
<script>${trusted(SCRIPT.text)}</script>
</body>
</html>
`
  return {
    status: content.status ?? 200,
    headers: pageHeaders({
      frameAncestors: page.frameAncestors ?? [],
      isPolling: content.isPolling === true,
    }),
    body: markup.toString(),
  }
}
