export type Language = 'id' | 'en'

/** Indonesia's three zones, by the names that customers know. */
export type Zone = 'WIB' | 'WITA' | 'WIT'

const TIME_ZONES: Readonly<Record<Zone, string>> = {
  WIB: 'Asia/Jakarta',
  WITA: 'Asia/Makassar',
  WIT: 'Asia/Jayapura',
}

/** Not `en-ID` and `en-US`: dots between thousands read as decimals, and a 12-hour clock is not Indonesia's. */
const NUMBERS: Readonly<Record<Language, string>> = { id: 'id-ID', en: 'en-US' }
const TIMES: Readonly<Record<Language, string>> = { id: 'id-ID', en: 'en-GB' }

/** Signs of a countdown: `4.32` in Indonesian, `4:32` in English. */
export const MINUTE_SIGNS: Readonly<Record<Language, string>> = { id: '.', en: ':' }

const AMOUNT = /^\d{1,16}(\.\d{1,2})?$/

/**
 * `"150000.00"` is `Rp 150.000` with U+00A0; sen are shown only where there are any. The text goes in as it is,
 * because a number would round long amounts. Throws a RangeError for what is no amount.
 */
export function formatRupiah(amount: string, language: Language): string {
  if (!AMOUNT.test(amount)) throw new RangeError('not an amount')
  return new Intl.NumberFormat(NUMBERS[language], {
    style: 'currency',
    currency: 'IDR',
    currencyDisplay: 'narrowSymbol',
    minimumFractionDigits: 2,
    maximumFractionDigits: 2,
    trailingZeroDisplay: 'stripIfInteger',
  }).format(amount as `${number}`)
}

/** The time of day, to the minute: `10.07 WIB`. `at` in epoch milliseconds. */
export function formatClock(at: number, language: Language, zone: Zone = 'WIB'): string {
  return `${timeOf(at, language, { zone, hour: '2-digit', minute: '2-digit' })} ${zone}`
}

/** Date and time to the second, for receipts: `26 Mei 2026 pukul 10.00.00 WIB`. `at` in epoch milliseconds. */
export function formatMoment(at: number, language: Language, zone: Zone = 'WIB'): string {
  const day = timeOf(at, language, { zone, day: 'numeric', month: 'long', year: 'numeric' })
  const time = timeOf(at, language, { zone, hour: '2-digit', minute: '2-digit', second: '2-digit' })
  return language === 'id' ? `${day} pukul ${time} ${zone}` : `${day}, ${time} ${zone}`
}

/** The zone's name is written by us: English knows WIB only as GMT+7. */
function timeOf(
  at: number,
  language: Language,
  { zone, ...fields }: Intl.DateTimeFormatOptions & { readonly zone: Zone },
): string {
  return new Intl.DateTimeFormat(TIMES[language], {
    ...fields,
    timeZone: TIME_ZONES[zone],
    hourCycle: 'h23',
  }).format(at)
}
