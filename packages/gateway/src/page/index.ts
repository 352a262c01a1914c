export { approvalPage, pendingPage } from './approval-page.ts'
export { codePage } from './code-page.ts'
export { FAILURES, type FailureKind, failureOf } from './failures.ts'
export { type Action, isSameToken, languageOf, type PostedForm, readForm } from './form.ts'
export type { Language, Zone } from './format.ts'
export type {
  ApprovalPage,
  CodeKind,
  CodePage,
  DonePage,
  FailurePage,
  Notice,
  OpenPage,
  Page,
  PendingPage,
  Purpose,
  RenderedPage,
  Resend,
  Source,
} from './model.ts'
export { donePage, failurePage } from './result-page.ts'
