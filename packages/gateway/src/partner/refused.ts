/**
 * Why a partner was not changed. `unknown`: there is no such partner or key. `invalid`: what was asked for is none. `stale`: somebody
 * has changed the partner since. `conflict`: not as the partner stands.
 */
export type RefusalKind = 'unknown' | 'invalid' | 'stale' | 'conflict'

/** Nothing was written. The message is for an operator; it repeats no key. */
export class ChangeRefused extends Error {
  override readonly name = 'ChangeRefused'
  readonly kind: RefusalKind

  constructor(kind: RefusalKind, message: string) {
    super(message)
    this.kind = kind
  }
}
