import { timingSafeEqual } from 'node:crypto'
import type { Language } from './format.ts'
import type { CodeKind } from './model.ts'

/** Names of the fields that the pages post. */
export const FIELDS = {
  action: 'action',
  code: 'code',
  csrf: 'csrf',
  language: 'language',
  kind: 'kind',
} as const

/** What a button of a page asks for. `approved`: done in the bank's app; `code`: a code instead of the app. */
export const ACTIONS = ['verify', 'resend', 'cancel', 'extend', 'approved', 'code', 'language'] as const

const KINDS: readonly CodeKind[] = ['otp', 'token', 'pin']

export type Action = (typeof ACTIONS)[number]

/** Enough for a code with spaces and dashes, or a whole pasted SMS. */
const ENTERED_MAX = 160

export interface PostedForm {
  /** `verify` where the browser names no button: that is what Enter means. */
  readonly action: Action
  /** The language to answer in: with action `language` it is the other one. */
  readonly language: Language
  readonly csrfToken: string
  /** As it was typed, to be shown again. */
  readonly entered: string
  /** Which code the field was for: a page that is sent twice must not have a password tried as a PIN. */
  readonly kind: CodeKind | undefined
  /** The digits of what was typed. */
  readonly code: string
}

/** Reads what a page posted. An unknown action is `undefined`: answer it with the page as it stands. */
export function readForm(fields: URLSearchParams): PostedForm | undefined {
  const action = ACTIONS.find((one) => one === (fields.get(FIELDS.action) ?? 'verify'))
  if (action === undefined) return undefined
  const shown = languageOf(fields.get(FIELDS.language))
  const entered = (fields.get(FIELDS.code) ?? '').slice(0, ENTERED_MAX)
  return {
    action,
    language: action === 'language' ? otherLanguage(shown) : shown,
    csrfToken: fields.get(FIELDS.csrf) ?? '',
    entered,
    kind: KINDS.find((one) => one === fields.get(FIELDS.kind)),
    // Keyboards of some languages type wide digits, which are digits to their owner.
    code: entered.normalize('NFKC').replace(/\D/g, ''),
  }
}

/** Compares the token of the form with the session's, in constant time. */
export function isSameToken(posted: string, expected: string): boolean {
  const [left, right] = [Buffer.from(posted), Buffer.from(expected)]
  return expected !== '' && left.length === right.length && timingSafeEqual(left, right)
}

/** The language of a field or a query; Indonesian for whatever is not English. */
export function languageOf(value: string | null | undefined): Language {
  return value === 'en' ? 'en' : 'id'
}

export function otherLanguage(language: Language): Language {
  return language === 'id' ? 'en' : 'id'
}
