const FORM = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(?:Z|([+-])(\d{2}):?(\d{2}))$/

const MINUTE = 60_000
const WIB_OFFSET = 7 * 60 * MINUTE
/** No place on earth is further from UTC than this. */
const OFFSET_MAX = 14 * 60 * MINUTE

/**
 * Milliseconds since 1970 of `YYYY-MM-DDThh:mm:ss[.fraction](Z|±hh:mm|±hhmm)`, or `undefined`.
 * The fraction has one to nine digits and is cut to milliseconds. A 30th of February is no date.
 */
export function parseTimestamp(text: string): number | undefined {
  const match = FORM.exec(text)
  if (!match) return undefined
  const year = Number(match[1])
  const month = Number(match[2])
  const day = Number(match[3])
  const hour = Number(match[4])
  const minute = Number(match[5])
  const second = Number(match[6])
  if (year < 1970 || hour > 23 || minute > 59 || second > 59) return undefined

  const midnight = new Date(Date.UTC(year, month - 1, day))
  if (midnight.getUTCMonth() !== month - 1 || midnight.getUTCDate() !== day) return undefined

  const offset = offsetOf(match[8], match[9], match[10])
  if (offset === undefined) return undefined
  const millis = Number((match[7] ?? '').padEnd(3, '0').slice(0, 3))
  return midnight.getTime() + hour * 60 * MINUTE + minute * MINUTE + second * 1000 + millis - offset
}

/** The form that every partner can read: `YYYY-MM-DDThh:mm:ss+07:00`, Jakarta time, no fraction. */
export function formatTimestamp(ms: number): string {
  return `${secondOf(ms + WIB_OFFSET)}+07:00`
}

/** The same instant in UTC to the millisecond, `YYYY-MM-DDThh:mm:ss.SSSZ`. */
export function formatInstant(ms: number): string {
  return `${secondOf(ms)}.${String(((ms % 1000) + 1000) % 1000).padStart(3, '0')}Z`
}

/** The calendar day in Jakarta, `YYYY-MM-DD`: SNAP's "same day". */
export function wibDate(ms: number): string {
  return secondOf(ms + WIB_OFFSET).slice(0, 10)
}

const SECONDS_KEPT = 64
const seconds = new Map<number, string>()

/** `YYYY-MM-DDThh:mm:ss`. A busy process writes the same few seconds thousands of times, and each costs a formatting. */
function secondOf(ms: number): string {
  const second = Math.floor(ms / 1000)
  const known = seconds.get(second)
  if (known !== undefined) return known
  const text = new Date(second * 1000).toISOString().slice(0, 19)
  if (seconds.size >= SECONDS_KEPT) seconds.clear()
  seconds.set(second, text)
  return text
}

function offsetOf(sign = '+', hours = '00', minutes = '00'): number | undefined {
  if (Number(minutes) > 59) return undefined
  const size = (Number(hours) * 60 + Number(minutes)) * MINUTE
  if (size > OFFSET_MAX) return undefined
  return sign === '-' ? -size : size
}
