import { SCRIPT, STYLE } from './assets.ts'
import { webOrigins } from './links.ts'

export interface HeaderOptions {
  /** Origins that may frame the page. */
  readonly frameAncestors: readonly string[]
  /** Whether the script asks for the state of the page. */
  readonly isPolling: boolean
}

/** What keeps a page to itself: nothing from elsewhere, nothing to elsewhere, framed by nobody unless named. */
export function pageHeaders({ frameAncestors, isPolling }: HeaderOptions): Record<string, string> {
  const ancestors = webOrigins(frameAncestors)
  const policy = [
    "default-src 'none'",
    `style-src ${STYLE.source}`,
    `script-src ${SCRIPT.source}`,
    isPolling && "connect-src 'self'",
    "form-action 'self'",
    `frame-ancestors ${ancestors.length > 0 ? ancestors.join(' ') : "'none'"}`,
    "base-uri 'none'",
  ]
  return {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': policy.filter(Boolean).join('; '),
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'permissions-policy': 'otp-credentials=(self)',
    'x-robots-tag': 'noindex',
  }
}
