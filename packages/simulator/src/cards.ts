import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Account, CHECK, type Issuer } from './contract.ts'

const SHIPPED = fileURLToPath(new URL('../../data/', import.meta.url))

/** The file of the ledger's directory when it is there, else the one that is shipped. */
export function readList(directory: string, name: string): unknown {
  const own = join(directory, name)
  return JSON.parse(readFileSync(existsSync(own) ? own : join(SHIPPED, name), 'utf8'))
}

/**
 * Issuers by their first eight digits.
 * @throws when an issuers.json does not follow its schema
 */
export function readIssuers(directory: string): ReadonlyMap<string, Issuer> {
  const list = readList(directory, 'issuers.json')
  if (!CHECK.issuers.Check(list)) throw new Error('issuers.json does not follow the schema of an issuer list')
  return new Map(list.map((issuer) => [issuer.nns, issuer]))
}

/** An account whose id is known: the ledger names accounts, never cards. */
export type NamedAccount = Account & { readonly id: string }

export interface Accounts {
  find(cardNumber: string): NamedAccount | undefined
  byId(id: string): NamedAccount | undefined
  list(): NamedAccount[]
  /** The present accounts with this one added, or put where its card number stood. */
  including(account: Account): Account[]
  /** Replaces all accounts and keeps them for the next start; returns what is wrong with them if anything is. */
  replace(accounts: readonly Account[]): string | undefined
}

/** @throws when an accounts.json does not follow its schema */
export function openAccounts(directory: string): Accounts {
  const initial = readList(directory, 'accounts.json')
  if (!CHECK.accounts.Check(initial)) throw new Error('accounts.json does not follow the schema of accounts')
  const fault = duplicateAmong(initial)
  if (fault !== undefined) throw new Error(`accounts.json: ${fault}`)
  let byCard = indexed(initial)
  let ids = indexedById(byCard)

  return {
    find: (cardNumber) => byCard.get(cardNumber),
    byId: (id) => ids.get(id),
    list: () => [...byCard.values()],
    including(account) {
      const id = account.id ?? byCard.get(account.cardNumber)?.id
      const others = [...byCard.values()].filter(({ cardNumber }) => cardNumber !== account.cardNumber)
      return [...others, id === undefined ? account : { ...account, id }]
    },
    replace(accounts) {
      const fault = duplicateAmong(accounts)
      if (fault !== undefined) return fault
      const next = indexed(accounts)
      const path = join(directory, 'accounts.json')
      writeFileSync(`${path}.new`, `${JSON.stringify([...next.values()], null, 2)}\n`, { mode: 0o600 })
      renameSync(`${path}.new`, path)
      byCard = next
      ids = indexedById(next)
    },
  }
}

function duplicateAmong(accounts: readonly Account[]): string | undefined {
  const cards = new Set<string>()
  const ids = new Set<string>()
  for (const [place, { cardNumber, id }] of accounts.entries()) {
    if (cards.has(cardNumber)) return `the card of entry ${place + 1} stands twice`
    if (id !== undefined && ids.has(id)) return `the id ${id} stands twice`
    cards.add(cardNumber)
    if (id !== undefined) ids.add(id)
  }
}

function indexed(accounts: readonly Account[]): Map<string, NamedAccount> {
  const taken = new Set(accounts.map(({ id }) => id))
  let serial = 0
  const freeId = () => {
    do serial += 1
    while (taken.has(`account-${serial}`))
    return `account-${serial}`
  }
  return new Map(accounts.map((account) => [account.cardNumber, { ...account, id: account.id ?? freeId() }]))
}

function indexedById(accounts: ReadonlyMap<string, NamedAccount>): Map<string, NamedAccount> {
  return new Map([...accounts.values()].map((account) => [account.id, account]))
}
