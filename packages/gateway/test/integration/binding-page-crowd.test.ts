import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, test } from 'node:test'
import { systemClock } from '../../src/clock.ts'
import { bound } from '../card-customer.ts'
import { openStage, type Stage } from '../stage.ts'

/** Time stands, so that nothing drips back into a bucket while a busy machine asks. */
const STANDING = Date.now()
let stage: Stage
before(async () => {
  const now = () => STANDING
  stage = await openStage({ seams: { clock: { ...systemClock, now } }, simulator: { clock: now } })
})
after(() => stage.close())

const VISITS = 700
/** What one address may do at once, and in each second after. */
const ALLOWED = 300
const ALLOWED_PER_SECOND = 30

/**
 * Far more visits at once than one address may make, to pages that are none. Returns how many were turned away, and how many at least
 * had to be, as long as it took, if they all count as one visitor's.
 */
async function crowd(
  headersOf: (place: number) => Record<string, string>,
): Promise<{ readonly turnedAway: number; readonly ofOne: number }> {
  const begun = performance.now()
  const statuses = Array.from({ length: VISITS }, async (_, place) => {
    const page = `${stage.url}/direct-debit/ui/binding/core/BRN-1/${randomBytes(32).toString('base64url')}`
    const response = await fetch(page, { headers: headersOf(place) })
    await response.text()
    return response.status
  })
  const turnedAway = (await Promise.all(statuses)).filter((status) => status === 429).length
  const seconds = Math.ceil((performance.now() - begun) / 1000)
  return { turnedAway, ofOne: Math.max(1, VISITS - ALLOWED - ALLOWED_PER_SECOND * seconds) }
}

/** The statuses with which a cardholder is shown a page ten times. */
async function visit(headers: Record<string, string> = {}): Promise<readonly number[]> {
  const { answer } = await bound(stage, {}, { headers: {} })
  let cookie = ''
  const statuses: number[] = []
  for (let time = 0; time < 10; time++) {
    const response = await fetch(answer.body.redirectUrl, { headers: { ...headers, cookie } })
    await response.text()
    cookie ||= response.headers.get('set-cookie')?.split(';')[0] ?? ''
    statuses.push(response.status)
  }
  return statuses
}

const WELCOME = Array.from({ length: 10 }, () => 200)

test('one address that asks without a pause keeps nobody waiting who comes through the same proxy', async () => {
  const { turnedAway, ofOne } = await crowd(() => ({ 'x-forwarded-for': '198.51.100.7' }))
  assert.ok(turnedAway >= ofOne, `${turnedAway} of at least ${ofOne}`)
  assert.deepEqual(await visit({ 'x-forwarded-for': '198.51.100.8' }), WELCOME)
})

test('an address that the visitor made up before the proxy added the true one does not count', async () => {
  const { turnedAway, ofOne } = await crowd((place) => ({
    'x-forwarded-for': `203.0.113.${place % 250}, 198.51.100.9`,
  }))
  assert.ok(turnedAway >= ofOne, `${turnedAway} of at least ${ofOne}`)
})

test('the addresses of one IPv6 network count as one visitor', async () => {
  const addressOf = (place: number) => `2001:db8:7:7:${(place % 500).toString(16)}::${place.toString(16)}`
  const { turnedAway, ofOne } = await crowd((place) => ({ 'x-forwarded-for': addressOf(place) }))
  assert.ok(turnedAway >= ofOne, `${turnedAway} of at least ${ofOne}`)
  assert.deepEqual(await visit({ 'x-forwarded-for': '2001:db8:7:8::1' }), WELCOME)
})

test('a proxy that does not say whom it speaks for is not taken for one visitor', async () => {
  assert.equal((await crowd(() => ({}))).turnedAway, 0)
  assert.deepEqual(await visit(), WELCOME)
})
