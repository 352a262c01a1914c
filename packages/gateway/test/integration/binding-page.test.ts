import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  bind,
  bound,
  codeOf,
  eventsOf,
  messagesOf,
  newCard,
  rowOf,
  untilStands,
  wrongCodes,
} from '../card-customer.ts'
import { control } from '../fault/books.ts'
import { JumpingClock } from '../fault/process-alike.ts'
import { Browser } from '../scriptless-browser.ts'
import { openStage, type Stage } from '../stage.ts'

const clock = new JumpingClock()
let stage: Stage
before(async () => {
  stage = await openStage({
    seams: { clock },
    simulator: { clock: clock.now },
    env: { GERBANG_TRANSACTION_TOLERANCE_SECONDS: '0', GERBANG_TOKEN_SECONDS: '86400' },
  })
})
after(() => stage.close())

const SHOP = {
  successRegistrationUrl: 'https://shop.example/kept',
  failedRegistrationUrl: 'shop.example/not-kept',
}

async function opened(wish: Parameters<typeof bound>[1] = {}) {
  const custom = { body: { additionalInfo: SHOP, partnerReferenceNo: `PAGE-${Math.random()}` }, ...wish }
  const { answer, referenceNo, cardNumber } = await bound(stage, custom, { headers: {} })
  const browser = new Browser(answer.body.redirectUrl)
  await browser.get()
  return { browser, referenceNo, cardNumber }
}

test('the page asks for the code, names the shop and the card, and holds neither number nor id', async () => {
  const { browser, cardNumber } = await opened()
  assert.equal(browser.status, 200)
  assert.match(browser.html, /<html lang="id">/)
  assert.ok(browser.html.includes('Toko Uji'))
  assert.ok(browser.html.includes(`···· ${cardNumber.slice(-4)}`))
  assert.ok(browser.html.includes('BRI'))
  assert.ok(browser.html.includes('+62 811-••••-••34'))
  assert.ok(!browser.html.includes(cardNumber))
  assert.equal(browser.headers.get('referrer-policy'), 'no-referrer')
  assert.equal(browser.headers.get('cache-control'), 'no-store')
  assert.match(
    browser.headers.get('content-security-policy') ?? '',
    /^default-src 'none'.*frame-ancestors 'none'/,
  )
})

test('the cookie is out of reach of scripts, other sites and other pages', async () => {
  const { browser } = await opened()
  const path = new URL(browser.url).pathname
  assert.match(
    browser.setCookie ?? '',
    new RegExp(`^gerbang_page=[\\w-]{43}; Path=${path}; HttpOnly; SameSite=Lax$`),
  )
  await browser.get()
  assert.equal(browser.setCookie, null)
})

test('a public https address makes the cookie secure, and its own path counts', async () => {
  const env = { GERBANG_PUBLIC_URL: 'https://pay.example/kki/' }
  const public_ = await stage.openAnother({ clock }, env)
  const wish = { cardNumber: await newCard(stage) }
  const { body } = await bind(stage.merchant, wish, { headers: {}, baseUrl: public_.url })
  assert.ok(
    body.redirectUrl.startsWith('https://pay.example/kki/direct-debit/ui/binding/core/BRN-'),
    body.redirectUrl,
  )
  const { pathname } = new URL(body.redirectUrl)
  const browser = await new Browser(`${public_.url}${pathname.slice('/kki'.length)}`).get()
  assert.match(browser.setCookie ?? '', new RegExp(`; Path=${pathname}; HttpOnly; SameSite=Lax; Secure$`))
  assert.ok(browser.html.includes(`action="${pathname}"`))
  await stage.query("update partners set frame_ancestors = 'https://shop.example' where partner_id = $1", [
    stage.merchant.keys.partnerId,
  ])
  const framed = await stage.openAnother({ clock }, env)
  const again = await bind(
    stage.merchant,
    { cardNumber: await newCard(stage) },
    { headers: {}, baseUrl: framed.url },
  )
  const inFrame = await new Browser(`${framed.url}${new URL(again.body.redirectUrl).pathname.slice(4)}`).get()
  assert.match(inFrame.setCookie ?? '', /SameSite=None; Partitioned; Secure$/)
  assert.match(
    inFrame.headers.get('content-security-policy') ?? '',
    /frame-ancestors https:\/\/shop\.example;/,
  )
  await stage.query("update partners set frame_ancestors = '' where partner_id = $1", [
    stage.merchant.keys.partnerId,
  ])
})

test('the right code keeps the card, and the page shows the way back with nothing added', async () => {
  const { browser, referenceNo } = await opened()
  await browser.post({ action: 'verify', code: await codeOf(stage, referenceNo) })
  assert.equal(browser.status, 200)
  assert.ok(browser.html.includes('href="https://shop.example/kept"'))
  assert.equal((await rowOf(stage, referenceNo)).state, 'active')
  assert.deepEqual(
    (await eventsOf(stage, referenceNo)).map(({ type, body }) => [type, body.flow]),
    [['card.binding.completed.v1', 'DH']],
  )
  const { bank_card_token: token } = await rowOf(stage, referenceNo)
  assert.ok(token !== null && !browser.html.includes(token))
  const html = browser.html
  await browser.post({ action: 'verify', code: '111000' })
  assert.ok(browser.html === html, 'posted twice, shown twice')
})

test('a code with blanks and dashes is the same code', async () => {
  const { browser, referenceNo } = await opened()
  const code = await codeOf(stage, referenceNo)
  await browser.post({ code: ` ${code.slice(0, 3)}-${code.slice(3)} ` })
  assert.equal((await rowOf(stage, referenceNo)).state, 'active')
})

test('a wrong code stays in the field with the attempts that are left; the fifth ends it', async () => {
  const { browser, referenceNo } = await opened()
  const wrong = wrongCodes(await codeOf(stage, referenceNo), 5)
  for (const [index, code] of wrong.entries()) {
    await browser.post({ action: 'verify', code })
    if (index === 4) break
    assert.equal(browser.status, 422)
    assert.ok(browser.html.includes(`value="${code}"`))
    assert.ok(browser.html.includes(`Sisa ${4 - index} percobaan`))
  }
  assert.equal(browser.status, 403)
  assert.ok(browser.html.includes('href="https://shop.example/not-kept"'))
  assert.equal((await rowOf(stage, referenceNo)).state, 'blocked')
})

test('what is no code costs no attempt', async () => {
  const { browser, referenceNo } = await opened()
  for (const code of ['', '12', '123456789', 'hello'])
    assert.equal((await browser.post({ action: 'verify', code })).status, 422)
  assert.equal((await rowOf(stage, referenceNo)).attempts, 0)
})

test('page and partner share attempts, codes and the end', async () => {
  const { browser, referenceNo } = await opened()
  const right = await codeOf(stage, referenceNo)
  const wrong = wrongCodes(right, 4)
  const { verify } = await import('../card-customer.ts')
  for (const [index, code] of wrong.entries()) {
    if (index % 2 === 0) await browser.post({ action: 'verify', code })
    else assert.equal((await verify(stage.merchant, referenceNo, code)).body.responseCode, '4040415')
  }
  assert.equal((await rowOf(stage, referenceNo)).attempts, 4)
  assert.equal((await verify(stage.merchant, referenceNo, right)).body.responseCode, '2000400')
  await browser.get()
  assert.ok(browser.html.includes('href="https://shop.example/kept"'))
})

test('another code comes after a minute, at most three times, and kills the one before', async () => {
  const { browser, referenceNo } = await opened()
  const first = await codeOf(stage, referenceNo)
  await browser.post({ action: 'resend' })
  assert.equal((await messagesOf(stage, referenceNo)).length, 1)
  for (let time = 1; time <= 3; time++) {
    clock.jump(61_000)
    await browser.post({ action: 'resend' })
    assert.equal((await messagesOf(stage, referenceNo)).length, time + 1)
  }
  clock.jump(61_000)
  await browser.post({ action: 'resend' })
  assert.equal((await messagesOf(stage, referenceNo)).length, 4)
  assert.equal((await browser.post({ action: 'verify', code: first })).status, 422)
  await browser.post({ action: 'verify', code: await codeOf(stage, referenceNo) })
  assert.equal((await rowOf(stage, referenceNo)).state, 'active')
})

test('a cardholder who cancels is shown the way back, and no code works any more', async () => {
  const { browser, referenceNo } = await opened()
  const code = await codeOf(stage, referenceNo)
  await browser.post({ action: 'cancel' })
  assert.ok(browser.html.includes('href="https://shop.example/not-kept"'))
  assert.equal((await rowOf(stage, referenceNo)).state, 'cancelled')
  await browser.post({ action: 'verify', code })
  assert.equal((await rowOf(stage, referenceNo)).state, 'cancelled')
  assert.equal((await eventsOf(stage, referenceNo)).length, 1)
})

test('more time is given when it is asked for, and not for ever', async () => {
  const { browser, referenceNo } = await opened()
  const endOf = async () => {
    const [row] = await stage.query<{ end: Date }>(
      'select expires_at as end from bindings where reference_no = $1',
      [referenceNo],
    )
    return row?.end.getTime() ?? 0
  }
  const first = await endOf()
  let last = first
  for (let time = 0; time < 8; time++) {
    clock.jump(600_000)
    await browser.post({ action: 'extend' })
    const end = await endOf()
    if (end === last) break
    last = end
  }
  assert.ok(last > first + 1_800_000 && last <= first + 3_600_000 - 900_000 + 1_000, String(last - first))
  clock.jump(900_000)
  await browser.get()
  assert.equal(browser.status, 410)
  await untilStands(stage, referenceNo, 'expired')
})

test('the other language keeps the code that was typed', async () => {
  const { browser } = await opened()
  await browser.post({ action: 'language', code: '1234' })
  assert.match(browser.html, /<html lang="en">/)
  assert.ok(browser.html.includes('value="1234"'))
  await browser.get('?language=en')
  assert.match(browser.html, /<html lang="en">/)
})

test('another browser sees that there is nothing, and can do nothing', async () => {
  const { browser, referenceNo } = await opened()
  const other = await new Browser(browser.url).get()
  assert.equal(other.status, 404)
  assert.ok(!other.html.includes('Toko Uji'))
  other.html = browser.html
  assert.equal((await other.post({ action: 'cancel' })).status, 404)
  other.cookie = `gerbang_page=${'a'.repeat(43)}`
  assert.equal((await other.post({ action: 'cancel' })).status, 404)
  assert.equal((await rowOf(stage, referenceNo)).state, 'otp_sent')
})

test('a program that looks ahead or asks whether the page is there leaves it to its customer', async () => {
  const { answer } = await bound(stage, {}, { headers: {} })
  const url = answer.body.redirectUrl
  const ahead = { 'sec-purpose': 'prefetch;prerender', purpose: 'prefetch', 'x-moz': 'prefetch' }
  for (const [name, value] of Object.entries(ahead)) {
    const looked = await fetch(url, { headers: { [name]: value } })
    assert.deepEqual([looked.status, looked.headers.get('set-cookie')], [503, null], name)
    assert.ok(!(await looked.text()).includes('Toko Uji'))
  }
  const asked = await fetch(url, { method: 'HEAD' })
  assert.deepEqual([asked.status, asked.headers.get('set-cookie')], [200, null])
  const customer = await new Browser(url).get()
  assert.equal(customer.status, 200)
  assert.ok(customer.html.includes('Toko Uji'))
})

test('a link of before leads to the same page, and back to it', async () => {
  const { answer } = await bound(stage, {}, { headers: {} })
  const url = answer.body.redirectUrl.replace('/direct-debit/ui/binding/core/', '/direct-debit/kki/binding/')
  const browser = await new Browser(url).get()
  assert.equal(browser.status, 200)
  assert.match(browser.setCookie ?? '', /Path=\/direct-debit\/kki\/binding\//)
  assert.ok(browser.html.includes('action="/direct-debit/kki/binding/'))
  assert.match((await browser.post({ action: 'cancel' })).html, /<h1>/)
})

test('nobody posts before a browser has looked', async () => {
  const { answer, referenceNo } = await bound(stage, {}, { headers: {} })
  const browser = new Browser(answer.body.redirectUrl)
  assert.equal((await browser.post({ action: 'cancel' })).status, 404)
  assert.equal((await rowOf(stage, referenceNo)).state, 'otp_sent')
})

test('a form without the token of the page does nothing', async () => {
  const { browser, referenceNo } = await opened()
  const { browser: stranger } = await opened()
  const csrf = /name="csrf" value="([^"]*)"/.exec(stranger.html)?.[1] ?? ''
  for (const wrong of ['', 'x', csrf]) {
    assert.equal((await browser.post({ action: 'cancel', csrf: wrong })).status, 403)
  }
  assert.equal((await rowOf(stage, referenceNo)).state, 'otp_sent')
})

test('an address that leads nowhere is a page that says nothing of anybody', async () => {
  const { browser } = await opened()
  const { partnerId } = stage.merchant.keys
  const root = `${stage.url}/direct-debit/ui/binding/core`
  for (const path of [
    '',
    '/',
    '/x',
    `/${partnerId}`,
    `/${partnerId}/${'A'.repeat(43)}`,
    `/${'x'.repeat(300)}/y`,
    `/..%2f${partnerId}/y`,
  ]) {
    const response = await fetch(`${root}${path}`)
    if (path === '') {
      assert.equal(response.status, 405)
      continue
    }
    assert.equal(response.status, 404, path)
    assert.match(response.headers.get('content-type') ?? '', /^text\/html/)
    const html = await response.text()
    assert.ok(!html.includes('Toko Uji') && !html.includes(partnerId), path)
  }
  const wrong = browser.url.replace(partnerId, 'BRN-0000-0000000000000')
  assert.equal((await fetch(wrong)).status, 404)
})

test('a body that is too long, or no form, is refused as a page', async () => {
  const { browser } = await opened()
  const long = await browser.post({ code: '1'.repeat(5000) })
  assert.equal(long.status, 413)
  assert.match(long.headers.get('content-type') ?? '', /^text\/html/)
  await browser.get()
  for (const type of ['application/json', 'multipart/form-data; boundary=x', 'text/plain'])
    assert.equal((await browser.post({}, { headers: { 'content-type': type } })).status, 415, type)
})

test('a fault of ours is a page, too, and is in the log', async () => {
  const { browser } = await opened()
  await stage.query('alter table page_sessions rename to page_sessions_away')
  await browser.get()
  await stage.query('alter table page_sessions_away rename to page_sessions')
  assert.equal(browser.status, 500)
  assert.match(browser.headers.get('content-type') ?? '', /^text\/html/)
  assert.ok(!browser.html.includes('page_sessions'))
})

test('whoever asks without a pause has to wait', async () => {
  const { browser } = await opened()
  const statuses = new Set<number>()
  for (let time = 0; time < 40; time++) statuses.add((await browser.get()).status)
  assert.deepEqual([...statuses], [200, 429])
  clock.jump(5_000)
  assert.equal((await browser.get()).status, 200)
})

test('a silent network is waited for on the page, which then asks for the code', async () => {
  await control(stage, 'next', { fault: 'drop-after', match: { operation: 'binding' } })
  const wish = { cardNumber: await newCard(stage) }
  const { status, body } = await bind(stage.merchant, wish, { headers: {} })
  assert.deepEqual([status, body.responseCode], [202, '2020100'])
  const browser = await new Browser(body.redirectUrl).get()
  assert.equal(browser.status, 200)
  await untilStands(stage, body.referenceNo, 'otp_sent')
  const asked = await fetch(`${browser.url}/status`, { headers: { cookie: browser.cookie ?? '' } })
  assert.equal(asked.status, 200)
  await browser.get()
  await browser.post({ action: 'verify', code: await codeOf(stage, body.referenceNo) })
  assert.equal((await rowOf(stage, body.referenceNo)).state, 'active')
})

test('no line of the log has an address, a code or a cookie', async () => {
  const { browser, referenceNo } = await opened()
  const code = await codeOf(stage, referenceNo)
  await browser.post({ action: 'verify', code })
  const lines = stage.logged.filter((line) => line.includes('binding-page'))
  assert.ok(lines.some((line) => line.includes(referenceNo) && line.includes('"state":"active"')))
  const id = browser.url.split('/').at(-1) ?? ''
  const all = stage.logged.join('')
  for (const secret of [id, browser.cookie?.split('=')[1] ?? '', code])
    assert.ok(!new RegExp(`(?<![0-9])${secret}(?![0-9])`).test(all))
})
