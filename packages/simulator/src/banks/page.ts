import type { Bank } from './banks.ts'
import { pagePath } from './charge-words.ts'
import type { BankCharge } from './records.ts'

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:26rem;margin:2rem auto;padding:0 1rem}
button{font:inherit;padding:.75rem 1.25rem;margin:.5rem .5rem 0 0}small{color:#555}`

const ENDS: Readonly<Record<string, string>> = {
  approved: 'Pembayaran berhasil',
  declined: 'Pembayaran tidak dilakukan',
  reversed: 'Pembayaran dibatalkan',
  pending: 'Pembayaran sedang diproses',
}

/** The page of a bank or wallet on which a person approves or declines: server-rendered, two buttons, no script. */
export function decisionPage(bank: Bank, charge: BankCharge): string {
  const { merchantId, merchantReferenceNo, amount, verdict, page } = charge
  const title = page?.orderTitle === undefined ? '' : `<p>${escaped(page.orderTitle)}</p>`
  const order = `<p>Rp ${escaped(amount)} &rarr; ${escaped(merchantId)}<br><small>${escaped(merchantReferenceNo)}</small></p>${title}`
  const action = pagePath(bank.slug, charge.referenceNo)
  const ask = `<form method="post" action="${escaped(action)}">
<button name="decision" value="approve">Setujui</button><button name="decision" value="decline">Tolak</button></form>`
  const end = ENDS[verdict.status]
  return html(bank.name, `${order}${end === undefined ? ask : `<p>${end}</p>`}`)
}

export function missingPage(bank: Bank): string {
  return html(bank.name, '<p>Pembayaran tidak ditemukan</p>')
}

function html(name: string, content: string): string {
  return `<!doctype html><html lang="id"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escaped(name)}</title><style>${STYLE}</style></head>
<body><h1>${escaped(name)}</h1>${content}<p><small>Simulator: tidak ada uang yang berpindah.</small></p></body></html>
`
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign)
}

/** Where a page sends its customer back to; an address that no browser goes to by itself is none. */
export function returnAddress({ page }: BankCharge): string | undefined {
  const { returnUrl } = page ?? {}
  if (returnUrl === undefined) return undefined
  const address = /^[a-z][a-z0-9+.-]*:/i.test(returnUrl) ? returnUrl : `https://${returnUrl}`
  return URL.canParse(address) && /^https?:$/.test(new URL(address).protocol)
    ? new URL(address).href
    : undefined
}
