import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, test } from 'node:test'
import { OUTCOMES, type OutcomeName } from '@gerbang/snap'
import { BINDING, LINKING, LINKING_PIN, PAYMENT, SAMPLES } from '../../test/browser/samples.ts'
import { FAILURES, failureOf } from './failures.ts'
import { codePage, failurePage, pendingPage } from './index.ts'
import { TEXTS } from './texts.ts'

const HTML_AND_STYLE_MAX = 15 * 1024
const SCRIPT_MAX = 4 * 1024
const LANGUAGES = ['id', 'en'] as const

const PAGES = Object.entries(SAMPLES).flatMap(([state, render]) =>
  LANGUAGES.map((language) => ({ name: `${state} (${language})`, page: render(language) })),
)

function between(text: string, tag: string): string {
  return new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`).exec(text)?.[1] ?? ''
}

describe('every page', () => {
  test('has at most 15 KB of markup and style and 4 KB of script, uncompressed', () => {
    for (const { name, page } of PAGES) {
      const script = Buffer.byteLength(between(page.body, 'script'))
      assert.ok(script > 0 && script <= SCRIPT_MAX, `${name}: ${script} bytes of script`)
      const rest = Buffer.byteLength(page.body) - script
      assert.ok(rest <= HTML_AND_STYLE_MAX, `${name}: ${rest} bytes of markup and style`)
    }
  })

  test('allows its own style and script by their hashes, and nothing else', () => {
    for (const { name, page } of PAGES) {
      const policy = page.headers['content-security-policy'] ?? ''
      const hash = (tag: string) =>
        `'sha256-${createHash('sha256').update(between(page.body, tag)).digest('base64')}'`
      assert.ok(policy.startsWith("default-src 'none'; "), name)
      assert.ok(policy.includes(`style-src ${hash('style')};`), name)
      assert.ok(policy.includes(`script-src ${hash('script')};`), name)
      assert.match(policy, /form-action 'self'; frame-ancestors 'none'; base-uri 'none'$/)
      assert.doesNotMatch(policy, /unsafe|\*|https?:/)
      assert.doesNotMatch(page.body, / style=| on[a-z]+=/)
    }
  })

  test('is kept by no cache, tells nobody where it came from, and keeps codes to itself', () => {
    for (const { page } of PAGES) {
      assert.equal(page.headers['cache-control'], 'no-store')
      assert.equal(page.headers['referrer-policy'], 'no-referrer')
      assert.equal(page.headers['x-content-type-options'], 'nosniff')
      assert.equal(page.headers['permissions-policy'], 'otp-credentials=(self)')
      assert.equal(page.headers['content-type'], 'text/html; charset=utf-8')
    }
  })

  test('loads nothing: every address in it is a link or a form of its own', () => {
    for (const { name, page } of PAGES) assert.doesNotMatch(page.body, /\ssrc=|<link|@import|url\(/, name)
  })

  test('raises its voice nowhere', () => {
    for (const { name, page } of PAGES) {
      const seen = page.body.replace(/<(style|script)>[\s\S]*?<\/\1>/g, '').replace('<!doctype', '')
      assert.doesNotMatch(seen, /!/, name)
    }
  })
})

test('origins of the partner may frame the page, and only those', () => {
  const { headers } = codePage({
    ...BINDING,
    language: 'id',
    frameAncestors: ['https://toko.example', 'https://www.toko.example/cart'],
  })
  assert.match(
    String(headers['content-security-policy']),
    /; frame-ancestors https:\/\/toko\.example https:\/\/www\.toko\.example;/,
  )
})

test('a PIN is never written into a page', () => {
  const { body } = codePage({ ...BINDING, kind: 'pin', entered: '481516', notice: 'wrong', language: 'id' })
  assert.doesNotMatch(body, /481516/)
})

test('where codes follow each other the customer is told which one this is, and links the account with the last', () => {
  const [code, pin] = [LINKING, LINKING_PIN].map((page) => codePage({ ...page, language: 'en' }).body)
  assert.match(code ?? '', /<title>Confirm linking your account, step 1 of 2 –/i)
  assert.match(code ?? '', /<p class="hint">Step 1 of 2<\/p>/)
  assert.match(code ?? '', /class="main"[^>]*>Continue</)
  assert.match(pin ?? '', /<p class="hint">Step 2 of 2<\/p>/)
  assert.match(pin ?? '', /class="main"[^>]*>Link account</)
  assert.match(codePage({ ...LINKING_PIN, language: 'id' }).body, />Langkah 2 dari 2<.*>Tautkan akun</s)
  for (const page of [BINDING, { ...LINKING, step: undefined }])
    assert.doesNotMatch(codePage({ ...page, language: 'en' }).body, /Step \d|>Continue</)
})

test('a code that has expired is not asked for', () => {
  const at = (now: number) => codePage({ ...BINDING, now, sessionEndsAt: now + 600_000, language: 'id' }).body
  const dies = BINDING.codeExpiresAt ?? 0
  assert.match(at(dies - 1), /name="code"/)
  assert.doesNotMatch(at(dies), /name="code"/)
  assert.match(at(dies), /value="resend"/)
})

test('the last try is one try in English', () => {
  const page = { ...BINDING, notice: 'wrong', attemptsLeft: 1 } as const
  assert.match(codePage({ ...page, language: 'en' }).body, /Wrong code\. 1 try left\./)
  assert.match(codePage({ ...page, language: 'id' }).body, /Kode salah\. Sisa 1 percobaan\./)
})

test('each of the SNAP cases has words for the customer', () => {
  for (const outcome of Object.keys(OUTCOMES) as OutcomeName[]) {
    for (const language of LANGUAGES) {
      const { body } = failurePage({ ...BINDING, language, failure: failureOf(outcome) })
      assert.match(body, /<h1>[^<]{4,}<\/h1>/, outcome)
    }
  }
})

test('a shop’s own mistake and a suspicion of fraud are not explained to the customer', () => {
  assert.equal(failureOf('invalidFieldFormat'), 'shopFault')
  assert.equal(failureOf('merchantBlacklisted'), 'shopFault')
  assert.equal(failureOf('suspectedFraud'), failureOf('doNotHonor'))
})

test('no end of an account is told in the words of a card', () => {
  for (const language of LANGUAGES)
    for (const failure of Object.keys(FAILURES) as (keyof typeof FAILURES)[]) {
      const { body } = failurePage({ ...LINKING, purpose: 'payment', amount: '10000.00', failure, language })
      const said = between(body, 'main').replaceAll(/<[^>]*>/g, ' ')
      assert.doesNotMatch(said, /kartu|card|penerbit/i, `${failure} (${language})`)
    }
})

test('while nobody knows how it ends there is no way back to an address of the shop', () => {
  for (const language of LANGUAGES)
    for (const page of [BINDING, PAYMENT, LINKING]) {
      const { body } = pendingPage({ ...page, statusPath: '/status', language })
      assert.doesNotMatch(body, /toko\.example/)
      assert.ok(body.includes(TEXTS[language].mayClose))
    }
})

test('a page says that nothing was paid only where the answer says so too', () => {
  for (const [outcome, { money }] of Object.entries(OUTCOMES)) {
    const { isSurelyNotDone } = FAILURES[failureOf(outcome as OutcomeName)]
    if (isSurelyNotDone) assert.equal(money, 'not-moved', outcome)
  }
})

test('what is spoken, and what to do next, are whole sentences in both languages', () => {
  for (const language of LANGUAGES) {
    const { timeLeft, nextSteps } = TEXTS[language]
    for (const text of [...Object.values(timeLeft), ...Object.values(nextSteps)]) {
      assert.match(text, /^$|\.$/)
    }
  }
})
