import { type Action, FIELDS } from './form.ts'
import { formatClock } from './format.ts'
import { type Html, html, type Part } from './html.ts'
import { type Icon, icon } from './icons.ts'
import { textsOf } from './layout.ts'
import type { OpenPage } from './model.ts'

const WARNED_BEFORE_SECONDS = 60

/** Whole seconds until `at`, never less than none. Both in epoch milliseconds. */
export function secondsUntil(at: number, now: number): number {
  return Math.max(0, Math.ceil((at - now) / 1000))
}

/** A button that posts the form. Only `verify` has the browser check the field first. */
export function actionButton(action: Action, label: string, look: 'main' | 'plain' | 'quiet' | 'link'): Html {
  return html`<button class="${look}" name="${FIELDS.action}" value="${action}"${action !== 'verify' && html` formnovalidate`}>${label}</button>`
}

export function cancelButton(page: OpenPage): Html {
  return actionButton('cancel', textsOf(page).cancel, 'quiet')
}

/** Something that just happened, said once and politely. */
export function notice(text: Part, sign: Icon): Html {
  return html`<p class="notice ${sign}" role="status">${icon(sign)}<span>${text}</span></p>`
}

/**
 * When the page closes, and more time for whoever wants it. With a script it appears a minute before the end;
 * without one it is always there.
 */
export function sessionLine(page: OpenPage): Html {
  const texts = textsOf(page)
  const left = secondsUntil(page.sessionEndsAt, page.now)
  const isEnding = left <= WARNED_BEFORE_SECONDS
  const until = texts.sessionUntil(formatClock(page.sessionEndsAt, page.language, page.zone))
  return html`<div class="session${isEnding && ' ending'}" data-session="${left}" data-ending="${texts.sessionEnding}"><p>${isEnding ? texts.sessionEnding : until}</p>
${page.mayExtend !== false && actionButton('extend', texts.moreTime, 'plain')}</div>`
}
