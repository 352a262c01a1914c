import { html } from './html.ts'
import { badge } from './icons.ts'
import { addressOf, closedPage, openPage, purposeOf, subjectOf, textsOf } from './layout.ts'
import { appLink } from './links.ts'
import type { ApprovalPage, PendingPage, RenderedPage } from './model.ts'
import { actionButton, cancelButton, notice, sessionLine } from './open-parts.ts'
import { summary } from './summary.ts'

/** A customer without a script is shown the state again so often, in seconds. */
const REFRESH_SECONDS = 10

/** The customer confirms in the bank's app, and this page waits for it. */
export function approvalPage(page: ApprovalPage): RenderedPage {
  const texts = textsOf(page)
  const purpose = purposeOf(page)
  const subject = subjectOf(page)
  const app = page.appName ?? subject.bank
  const link = appLink(page.appUrl)
  const main = html`<h1>${purpose.title}</h1>
${page.isTooEarly && notice(texts.notYetApproved(app), 'clock')}
<p>${purpose.intro(subject)}</p>
${summary(page)}
<ol class="steps"><li>${purpose.approve(app)}</li><li>${texts.comeBack}</li></ol>
<p class="waiting" role="status" data-poll="${page.statusPath}">${texts.waiting(app)}</p>
${link !== undefined && html`<a class="button plain" href="${link}" rel="noreferrer">${texts.openApp(app)}</a>`}
${actionButton('approved', texts.approved, 'main')}
${page.mayUseCode && actionButton('code', texts.useCode, 'plain')}
${sessionLine(page)}
${cancelButton(page)}`
  return openPage(page, { title: purpose.title, main, isPolling: true }, 'approved')
}

/**
 * The bank has not answered: neither yes nor no, and nothing for the customer to do. There is no way back to the shop, for whichever of
 * its addresses it led to would tell an end that nobody knows, and the shop might ask for the money again.
 */
export function pendingPage(page: PendingPage): RenderedPage {
  const texts = textsOf(page)
  const purpose = purposeOf(page)
  const main = html`${badge('clock')}<h1>${purpose.pendingTitle}</h1>
<p>${purpose.pending}</p>
${summary(page)}
<p class="waiting" role="status" data-poll="${page.statusPath}">${texts.pendingChecking}</p>
<p><a class="button plain" href="${addressOf(page)}">${texts.checkNow}</a></p>
<p>${texts.mayClose}</p>`
  return closedPage(page, {
    title: purpose.pendingTitle,
    main,
    isPolling: true,
    refreshSeconds: REFRESH_SECONDS,
  })
}
