import { formatTimestamp } from '@gerbang/snap'
import type { Vault } from '../vault/vault.ts'

const HEAD = '2238'
const RANDOM_DIGITS = 21

/**
 * The authCode of a binding: 40 digits in the form of DOKU's. It is computed from the binding's number with the look-up key, so it
 * stands nowhere and can be told again; without the key nobody guesses it. `createdAt` in epoch milliseconds.
 */
export function authCodeOf(
  vault: Pick<Vault, 'digest'>,
  binding: { readonly partnerId: string; readonly referenceNo: string; readonly createdAt: number },
): string {
  const { partnerId, referenceNo, createdAt } = binding
  const seconds = formatTimestamp(createdAt).slice(2, 19).replace(/\D/g, '')
  const millis = String(createdAt % 1000).padStart(3, '0')
  const digest = vault.digest('auth-code', `${partnerId}|${referenceNo}`)
  const number = BigInt(`0x${digest.toString('hex')}`) % 10n ** BigInt(RANDOM_DIGITS)
  return `${HEAD}${seconds}${millis}${String(number).padStart(RANDOM_DIGITS, '0')}`
}

/** By what a binding is found whose authCode a partner gives: 32 bytes that do not tell it. */
export function authCodeLookup(vault: Pick<Vault, 'digest'>, partnerId: string, authCode: string): Buffer {
  return vault.digest('auth-code-lookup', `${partnerId}|${authCode}`)
}
