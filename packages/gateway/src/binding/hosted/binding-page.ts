import type { PageKind } from '../../hosted/page-kind.ts'
import type { Binding } from '../binding.ts'
import { findBinding } from '../store.ts'
import { traitsOf } from '../traits.ts'
import { type ActDeps, act } from './act.ts'
import { showBinding } from './show.ts'

/** The page on which a customer confirms that a card or an account is kept. */
export function bindingPage(
  deps: ActDeps & { readonly sql: Parameters<typeof findBinding>[0] },
): PageKind<Binding> {
  const { resendPauseMs } = deps
  return {
    kind: 'binding',
    olderPaths: ['/direct-debit/kki/binding'],
    load: (name) => findBinding(deps.sql, name),
    act: (binding, form) => act(deps, binding, form),
    show: (binding, shown) =>
      showBinding({ ...shown, binding, resendPauseMs, traits: traitsOf(deps.channels, binding.channel) }),
    isWaiting: ({ state }) => state === 'submitted' || state === 'unresolved' || state === 'verifying',
  }
}
