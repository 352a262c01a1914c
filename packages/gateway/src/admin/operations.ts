import { KEY_OPERATIONS } from './key-operations.ts'
import { LIST_OPERATIONS } from './list-operations.ts'
import type { AdminOperation } from './operation.ts'
import { PARTNER_OPERATIONS } from './partner-operations.ts'

/** All of the admin API. It is served from this list and described from it. */
export const OPERATIONS: readonly AdminOperation[] = [
  ...LIST_OPERATIONS.slice(0, 1),
  ...PARTNER_OPERATIONS,
  ...KEY_OPERATIONS,
  ...LIST_OPERATIONS.slice(1),
]

/** What a member of a path looks like. */
export const PATH_MEMBERS: Readonly<Record<string, string>> = {
  partnerId: '^[A-Za-z0-9._-]{1,64}$',
  channel: '^[A-Za-z0-9_]{1,64}$',
  purpose: '^(notification|binding|token)$',
  keyId: '^(public|secret|shared)-[0-9]{1,9}$',
}

/** The names between braces. */
export function membersOf(path: string): readonly string[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '')
}
