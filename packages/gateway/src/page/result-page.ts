import { FAILURES, type FailureKind } from './failures.ts'
import { type Html, html } from './html.ts'
import { badge, type Icon } from './icons.ts'
import { closedPage, purposeOf, sourceOf, subjectOf, textsOf } from './layout.ts'
import { shopLink } from './links.ts'
import type { DonePage, FailurePage, Page, RenderedPage } from './model.ts'
import { receipt, summary, wayBack } from './summary.ts'

/** Less would take the page away before it is read. */
const AUTO_RETURN_MIN_SECONDS = 5
const AUTO_RETURN_SECONDS = 10

/** It happened: the receipt, and the way back to the shop. */
export function donePage(page: DonePage): RenderedPage {
  const texts = textsOf(page)
  const purpose = purposeOf(page)
  const main = html`${badge('check')}<h1>${purpose.doneTitle}</h1>
<p>${purpose.done(subjectOf(page))}</p>
${receipt(page, page.doneAt)}
${wayBack(page)}
${autoReturn(page, page.autoReturnSeconds ?? AUTO_RETURN_SECONDS)}
<button type="button" class="plain" data-print hidden>${texts.print}</button>
<noscript><p class="hint">${texts.printByMenu}</p></noscript>`
  return closedPage(page, { title: purpose.doneTitle, main })
}

/** It did not happen, or nobody knows: the cause, and what to do next. */
export function failurePage(page: FailurePage): RenderedPage {
  const texts = textsOf(page)
  const { status, next, isSurelyNotDone } = FAILURES[page.failure]
  const title = failureTitle(page, page.failure)
  const nextStep = sourceOf(page).nextSteps?.[next] ?? texts.nextSteps[next]
  const main = html`${badge(signOf(page.failure))}<h1>${title}</h1>
<p>${isSurelyNotDone && `${purposeOf(page).notDone} `}${nextStep}</p>
${summary(page)}
${wayBack(page)}`
  return closedPage(page, { title, main, status })
}

function failureTitle(page: Page, failure: FailureKind): string {
  const texts = textsOf(page)
  if (failure === 'cancelled') return purposeOf(page).cancelled
  if (failure === 'alreadyDone') return purposeOf(page).alreadyDone
  return sourceOf(page).failures?.[failure] ?? texts.failures[failure]
}

function signOf(failure: FailureKind): Icon {
  if (failure === 'alreadyDone') return 'check'
  if (failure === 'sessionExpired' || failure === 'bankSilent' || failure === 'timeRanOut') return 'clock'
  return failure === 'cancelled' ? 'cross' : 'alert'
}

/** Only a script can be stopped, so only a script goes back by itself. */
function autoReturn(page: Page, seconds: number | false): Html | false {
  if (seconds === false || shopLink(page.returnUrl) === undefined) return false
  const texts = textsOf(page)
  return html`<div class="returning" data-return="${Math.max(AUTO_RETURN_MIN_SECONDS, seconds)}" hidden><p>${texts.goingBack(subjectOf(page).shop)} <span role="timer"></span> ${texts.seconds}</p>
<button type="button" class="plain" data-stop>${texts.stayHere}</button></div>`
}
