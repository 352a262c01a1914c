import type { Language, Notice, PostedForm, RenderedPage } from '../page/index.ts'
import type { Shop } from '../partner/partner.ts'
import type { PageOwner } from './store.ts'

/** What a page is about, as far as every page and the log have to know it. */
export interface PageSubject {
  readonly partnerId: string
  readonly referenceNo: string
  readonly channel: string
  readonly state: string
}

/** For whom and when a page is shown. */
export interface Shown {
  readonly partner: Shop
  readonly language: Language
  /** Epoch milliseconds. */
  readonly now: number
  /** The page's own path, as the browser knows it. */
  readonly path: string
  readonly csrfToken: string
  readonly notice?: Notice | undefined
  readonly entered?: string | undefined
}

/** What became of the subject, and what its customer is told about it. */
export interface Acted<Subject> {
  readonly subject: Subject
  readonly notice?: Notice | undefined
  /** What was typed, to be shown again. */
  readonly entered?: string | undefined
  readonly fault?: unknown
}

/** One kind of hosted page: everything that the kit does not know. */
export interface PageKind<Subject extends PageSubject> {
  readonly kind: PageOwner['kind']
  /** Where links of before lead to; new ones have the kind's own path. */
  readonly olderPaths?: readonly string[]
  load(name: Pick<PageOwner, 'partnerId' | 'referenceNo'>): Promise<Subject | undefined>
  /** Does what the customer asked for with a button. Throws only what is nobody's word on the subject. */
  act(subject: Subject, form: PostedForm): Promise<Acted<Subject>>
  show(subject: Subject, shown: Shown): RenderedPage
  /** Whether the page shows that somebody is waited for, and has nothing else to show yet. */
  isWaiting(subject: Subject): boolean
}
