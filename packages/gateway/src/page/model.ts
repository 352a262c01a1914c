import type { FailureKind } from './failures.ts'
import type { Language, Zone } from './format.ts'

/** What the customer is asked to confirm. */
export type Purpose = 'binding' | 'payment'

export type Source = 'card' | 'account'

/** What every page knows. Texts may come from anybody: they are escaped. */
export interface Page {
  readonly language: Language
  readonly purpose: Purpose
  /** The page's own address, as `/pages/8f…`: forms post to it, and GET shows the state of the moment. */
  readonly path: string
  /** Now, in epoch milliseconds. */
  readonly now: number
  /** Where the customer's clock is; `WIB` unless said. */
  readonly zone?: Zone | undefined
  readonly shop?: string | undefined
  /** As customers call it: `BRI`. */
  readonly issuer?: string | undefined
  /** What is kept or charged; a card unless said. */
  readonly source?: Source | undefined
  /** Masked by the caller: `···· 3142`. */
  readonly maskedCard?: string | undefined
  /** `"150000.00"`; a binding has none. */
  readonly amount?: string | undefined
  /** Our referenceNo. */
  readonly reference?: string | undefined
  /** The shop's partnerReferenceNo. */
  readonly partnerReference?: string | undefined
  /** Where the shop wants its customer back; without a scheme it is https. */
  readonly returnUrl?: string | undefined
  /** Origins whose pages may show this one in a frame. None unless said. */
  readonly frameAncestors?: readonly string[] | undefined
}

/** A page that still waits for the customer. */
export interface OpenPage extends Page {
  readonly csrfToken: string
  /** When the session ends, in epoch milliseconds. */
  readonly sessionEndsAt: number
  /** Whether there is more time for whoever asks. There is unless said, and none where somebody else's clock decides. */
  readonly mayExtend?: boolean | undefined
}

/** `otp` comes by SMS, `token` from the bank's app, `pin` from the customer's memory. */
export type CodeKind = 'otp' | 'token' | 'pin'

/** What happened since the customer last looked. */
export type Notice = 'wrong' | 'resent' | 'too-soon' | 'extended'

export interface CodePage extends OpenPage {
  readonly kind: CodeKind
  /** Where several codes follow each other: which of how many this is. Absent where that is not known. */
  readonly step?: Step | undefined
  /** How many digits the code has. */
  readonly codeLength: number
  /** When the code dies, in epoch milliseconds; absent for a PIN. */
  readonly codeExpiresAt?: number | undefined
  /** Masked by the caller: `+62 811-••••-••34`. Absent: "the number that your bank knows". */
  readonly maskedPhone?: string | undefined
  /** How to make a token in the bank's app, in the page's language; a general sentence unless set. */
  readonly tokenHint?: string | undefined
  /** What the customer typed, to be shown again. A PIN is never shown again. */
  readonly entered?: string | undefined
  readonly attemptsLeft: number
  /** Absent where no code is sent. */
  readonly resend?: Resend | undefined
  readonly notice?: Notice | undefined
}

export interface Step {
  readonly number: number
  readonly of: number
}

export interface Resend {
  /** When the next code may be asked for, in epoch milliseconds. */
  readonly availableAt: number
  /** How many more codes may be asked for. */
  readonly left: number
}

export interface ApprovalPage extends OpenPage {
  /** The bank's app as customers call it: `BRImo`. The issuer's name unless set. */
  readonly appName?: string | undefined
  /** Opens the bank's app: https or the app's own scheme. */
  readonly appUrl?: string | undefined
  /** GET answers 204 while nothing has changed and 200 when `path` has something new to show. */
  readonly statusPath: string
  /** Whether a code is a way out. */
  readonly mayUseCode: boolean
  /** The customer says that it is approved, but the bank has not said so yet. */
  readonly isTooEarly?: boolean | undefined
}

export interface PendingPage extends Page {
  /** As for the approval page. */
  readonly statusPath: string
}

export interface DonePage extends Page {
  /** When it happened, in epoch milliseconds. */
  readonly doneAt: number
  /** Seconds until the page goes back to the shop by itself: at least 5, 10 unless set. `false`: it stays. */
  readonly autoReturnSeconds?: number | false | undefined
}

export interface FailurePage extends Page {
  readonly failure: FailureKind
}

/** What goes to the browser. */
export interface RenderedPage {
  /** HTTP status. */
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}
