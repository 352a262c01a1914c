import { FIELDS } from './form.ts'
import { formatClock, MINUTE_SIGNS } from './format.ts'
import { type Html, html } from './html.ts'
import { icon } from './icons.ts'
import { openPage, purposeOf, subjectOf, textsOf } from './layout.ts'
import type { CodePage, RenderedPage } from './model.ts'
import { actionButton, cancelButton, notice, secondsUntil, sessionLine } from './open-parts.ts'
import { summary } from './summary.ts'

/** The dash is escaped because browsers read a pattern with the flag `v`, and pass over one that it refuses. */
const PATTERN = '[0-9 \\-]*'

/**
 * The page that asks for a code: the first time, after a wrong one, after a new one was sent. Once the code has
 * expired by `now`, it offers a new one instead.
 */
export function codePage(page: CodePage): RenderedPage {
  const isExpired = page.codeExpiresAt !== undefined && page.codeExpiresAt <= page.now
  return isExpired ? expiredPage(page) : fieldPage(page)
}

function fieldPage(page: CodePage): RenderedPage {
  const texts = textsOf(page)
  const purpose = purposeOf(page)
  const subject = subjectOf(page)
  const isWrong = page.notice === 'wrong'
  const step = page.step && texts.step(page.step.number, page.step.of)
  const isLast = page.step === undefined || page.step.number >= page.step.of
  const main = html`<h1>${purpose.title}</h1>
${step && html`<p class="hint">${step}</p>`}
<input type="hidden" name="${FIELDS.kind}" value="${page.kind}">${noticeOf(page)}
<p>${purpose.intro(subject)}</p>
${summary(page)}
<div class="field${isWrong && ' failed'}">
<label for="code">${texts.codeLabels[page.kind](page.codeLength)}</label>
<p class="hint" id="hint">${hintOf(page)}</p>
${isWrong && html`<p class="error" id="error">${icon('alert')}${wrongText(page)}</p>`}
${field(page)}
${validity(page)}
</div>
<p class="warning" id="warning">${icon('shield')}<span>${texts.warnings[page.kind]}</span></p>
${actionButton('verify', isLast ? purpose.confirm(subject) : texts.next, 'main')}
${resendLine(page)}
${sessionLine(page)}
${cancelButton(page)}`
  return openPage(
    page,
    {
      // Whoever hears the page is told by its title that another one has come.
      title: [purpose.title, step].filter(Boolean).join(', '),
      prefix: isWrong ? texts.errorPrefix : undefined,
      main,
      status: isWrong ? 422 : 200,
    },
    'verify',
  )
}

/** One field: autofill and paste work in no other way, and the length is the server's to judge. */
function field(page: CodePage): Html {
  const isWrong = page.notice === 'wrong'
  const isPin = page.kind === 'pin'
  return html`<input id="code" name="${FIELDS.code}" type="${isPin ? 'password' : 'text'}" inputmode="numeric" autocomplete="${page.kind === 'otp' ? 'one-time-code' : 'off'}" pattern="${PATTERN}" enterkeyhint="done" required title="${textsOf(page).digitsOnly(page.codeLength)}" value="${isPin ? '' : (page.entered ?? '')}" aria-describedby="${isWrong && 'error '}hint warning"${isWrong && html` aria-invalid="true" autofocus`}>`
}

function hintOf(page: CodePage): Html | string {
  const texts = textsOf(page)
  const { bank } = subjectOf(page)
  if (page.kind === 'pin') return texts.sources[page.source ?? 'card'].pinHint(bank)
  if (page.kind === 'token') return page.tokenHint ?? texts.tokenHint(bank)
  return page.maskedPhone ? texts.codeSentTo(page.maskedPhone) : texts.codeSentToUnknown
}

function wrongText(page: CodePage): string {
  const texts = textsOf(page)
  return `${texts.wrong[page.kind]} ${texts.attemptsLeft(page.attemptsLeft)}`
}

/** The time stands there without a script; with one, the seconds run beside it and are spoken three times. */
function validity(page: CodePage): Html | false {
  const { codeExpiresAt, language, zone, now, kind } = page
  if (codeExpiresAt === undefined || kind !== 'otp') return false
  const texts = textsOf(page)
  return html`<p class="time" data-life="${secondsUntil(codeExpiresAt, now)}" data-sign="${MINUTE_SIGNS[language]}" data-say="${JSON.stringify(texts.timeLeft)}" data-dead="${texts.codeDead}">${icon('clock')}<span>${texts.validUntil(formatClock(codeExpiresAt, language, zone))}<span class="seconds" hidden> (<span role="timer"></span>)</span></span></p>`
}

function resendLine(page: CodePage): Html | false {
  const { resend, language, zone, now } = page
  if (resend === undefined) return false
  const texts = textsOf(page)
  if (resend.left <= 0) return html`<p class="resend">${texts.noResendLeft}</p>`
  const seconds = secondsUntil(resend.availableAt, now)
  return html`<div class="resend"><p>${texts.notReceived} <span class="nowrap">${actionButton('resend', texts.resend, 'link')}${
    seconds > 0 &&
    html`<span data-wait="${seconds}" data-sign="${MINUTE_SIGNS[language]}" data-ready="${texts.resendReady}" hidden></span>`
  }</span></p>
<p class="hint">${seconds > 0 && html`<span data-wait-from>${texts.resendFrom(formatClock(resend.availableAt, language, zone))} </span>`}${texts.resendsLeft(resend.left)}</p></div>`
}

function noticeOf(page: CodePage): Html | false {
  const texts = textsOf(page)
  const clock = (at: number) => formatClock(at, page.language, page.zone)
  if (page.notice === 'resent') return notice(texts.resent(page.maskedPhone), 'check')
  if (page.notice === 'extended') return notice(texts.moreTimeGiven(clock(page.sessionEndsAt)), 'check')
  if (page.notice !== 'too-soon') return false
  return notice(texts.resendTooSoon(clock(page.resend?.availableAt ?? page.now)), 'clock')
}

function expiredPage(page: CodePage): RenderedPage {
  const texts = textsOf(page)
  const mayResend = page.resend !== undefined && page.resend.left > 0
  const main = html`<h1>${texts.expiredTitle}</h1>
${noticeOf(page)}
<p>${mayResend ? texts.expired : texts.expiredForGood}</p>
${summary(page)}
${mayResend && actionButton('resend', texts.sendNewCode, 'main')}
${mayResend && html`<p class="hint">${texts.resendsLeft(page.resend?.left ?? 0)}</p>`}
${sessionLine(page)}
${cancelButton(page)}`
  return openPage(page, { title: texts.expiredTitle, main }, mayResend ? 'resend' : 'cancel')
}
