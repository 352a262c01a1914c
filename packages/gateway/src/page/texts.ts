import type { FailureKind, NextStep } from './failures.ts'
import type { Language } from './format.ts'
import type { Html, Part } from './html.ts'
import type { CodeKind, Purpose, Source } from './model.ts'
import { ENGLISH } from './texts-en.ts'
import { INDONESIAN } from './texts-id.ts'

/** Who and what, in the words of the page's language. */
export interface Subject {
  /** The shop's name, or "the shop". */
  readonly shop: Part
  /** `kartu BRI ···· 3142`, or "your card". */
  readonly card: Part
  /** `BRI`, or "your bank". */
  readonly bank: string
  /** `Rp 150.000`; empty for a binding. */
  readonly amount: string
}

/** What differs between keeping a card and paying with one. */
export interface PurposeTexts {
  readonly title: string
  readonly intro: (subject: Subject) => Html
  readonly confirm: (subject: Subject) => string
  readonly doneTitle: string
  readonly done: (subject: Subject) => Html
  readonly pendingTitle: string
  readonly pending: string
  readonly cancelled: string
  readonly alreadyDone: string
  /** Said on failures after which this is certain. */
  readonly notDone: string
  readonly approve: (app: string) => string
}

/** The titles of all ends but those that depend on the purpose. */
export type FailureTexts = Readonly<Record<Exclude<FailureKind, 'cancelled' | 'alreadyDone'>, string>>

export type NextStepTexts = Readonly<Record<NextStep, string>>

/** What differs between a card and an account. */
export interface SourceTexts {
  readonly label: string
  readonly known: (issuer: string, masked: string) => Html
  readonly unknown: string
  readonly pinHint: (bank: string) => string
  /** Where the words for all do not fit. */
  readonly failures?: Partial<FailureTexts>
  readonly nextSteps?: Partial<NextStepTexts>
}

/** Everything that the pages say in one language. */
export interface Texts {
  /** `linking`: the binding of an account. */
  readonly purposes: Readonly<Record<Purpose | 'linking', PurposeTexts>>
  readonly sources: Readonly<Record<Source, SourceTexts>>
  readonly theShop: string
  readonly yourBank: string
  readonly otherLanguage: string

  readonly shopLabel: string
  readonly amountLabel: string
  readonly referenceLabel: string
  readonly partnerReferenceLabel: string
  readonly timeLabel: string

  readonly step: (number: number, of: number) => string
  readonly next: string
  readonly codeLabels: Readonly<Record<CodeKind, (digits: number) => string>>
  readonly digitsOnly: (digits: number) => string
  readonly codeSentTo: (phone: string) => Html
  readonly codeSentToUnknown: string
  readonly tokenHint: (bank: string) => Html
  readonly warnings: Readonly<Record<CodeKind, string>>
  readonly validUntil: (clock: string) => string
  readonly codeDead: string
  readonly timeLeft: Readonly<Record<'60' | '30' | '0', string>>

  readonly wrong: Readonly<Record<CodeKind, string>>
  readonly attemptsLeft: (attempts: number) => string
  readonly errorPrefix: string

  readonly notReceived: string
  readonly resend: string
  readonly resendFrom: (clock: string) => string
  readonly resendsLeft: (times: number) => string
  readonly noResendLeft: string
  readonly resent: (phone: string | undefined) => Html
  readonly resendTooSoon: (clock: string) => string
  readonly resendReady: string
  readonly moreTimeGiven: (clock: string) => string

  readonly expiredTitle: string
  readonly expired: string
  readonly expiredForGood: string
  readonly sendNewCode: string

  readonly sessionUntil: (clock: string) => string
  readonly sessionEnding: string
  readonly moreTime: string
  readonly cancel: string
  readonly sending: string

  readonly comeBack: string
  readonly openApp: (app: string) => string
  readonly waiting: (app: string) => string
  readonly notYetApproved: (app: string) => string
  readonly approved: string
  readonly useCode: string

  readonly pendingChecking: string
  readonly checkNow: string

  readonly print: string
  readonly printByMenu: string
  readonly backToShop: string
  readonly goingBack: (shop: Part) => Html
  readonly seconds: string
  readonly stayHere: string
  readonly mayClose: string
  readonly help: (bank: string) => string

  readonly failures: FailureTexts
  readonly nextSteps: NextStepTexts
}

export const TEXTS: Readonly<Record<Language, Texts>> = { id: INDONESIAN, en: ENGLISH }
