import { formatAmount } from '@gerbang/snap'

/** What was bought, as a notification tells it. What a partner wrote otherwise and cannot be told so is left out. */
export interface LineItem {
  readonly name: string | undefined
  /** Rupiah with two decimals; below nothing for what is taken off. */
  readonly price: string | undefined
  readonly quantity: number | undefined
}

const LONGEST_NAME = 32
/** Zeros beyond the second decimal say nothing; any other digit there is no rupiah and is not rounded into one. */
const PRICE = /^(-?)(\d{1,16})(?:\.(\d{1,2})0*)?$/
/** What fits the integers of every library. */
const QUANTITY = /^\d{1,9}$/

/** The items of a payment as its partner sent them, or undefined when nothing of them can be told. */
export function lineItemsOf(sent: unknown): readonly LineItem[] | undefined {
  if (!Array.isArray(sent)) return undefined
  const items = sent.map(lineItemOf).filter((item) => Object.values(item).some((one) => one !== undefined))
  return items.length === 0 ? undefined : items
}

function lineItemOf(sent: unknown): LineItem {
  const { name, price, quantity } = (sent ?? {}) as Readonly<Record<keyof LineItem, unknown>>
  return { name: nameOf(name), price: priceOf(price), quantity: quantityOf(quantity) }
}

/** Libraries count in UTF-16; half a character is none. */
function nameOf(name: unknown): string | undefined {
  if (typeof name !== 'string' || name === '') return undefined
  return name.slice(0, LONGEST_NAME).replace(/[\ud800-\udbff]$/, '')
}

/** Text in any case: a JSON number is written otherwise by each library that hashes the body anew. */
function priceOf(price: unknown): string | undefined {
  const [, sign, whole, cents = ''] = PRICE.exec(textOf(price)) ?? []
  return whole === undefined ? undefined : `${sign}${formatAmount(BigInt(whole + cents.padEnd(2, '0')))}`
}

function quantityOf(quantity: unknown): number | undefined {
  const text = textOf(quantity)
  return QUANTITY.test(text) ? Number(text) : undefined
}

function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}
