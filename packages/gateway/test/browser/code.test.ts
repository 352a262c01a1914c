import assert from 'node:assert/strict'
import { describe } from 'node:test'
import type { Page } from 'playwright-core'
import { type CodePage, codePage, readForm } from '../../src/page/index.ts'
import { browserTest, openAt, posting, type Stage } from './chromium.ts'
import { type PageServer, startPageServer } from './page-server.ts'
import { BINDING, NOW } from './samples.ts'

/** Answers every form as the gateway would: the language that was asked for, and what was typed. */
async function serveCode(stage: Stage, more: Partial<CodePage> = {}): Promise<PageServer> {
  const server = await startPageServer(({ method, url, fields }) => {
    const form = method === 'POST' ? readForm(fields) : undefined
    const language = form?.language ?? (url.searchParams.get('language') === 'en' ? 'en' : 'id')
    return codePage({ ...BINDING, language, entered: form?.entered, ...more })
  })
  stage.after(() => server.stop())
  return server
}

function posts(server: PageServer) {
  return server.visits.filter(({ method }) => method === 'POST').map(({ fields }) => fields)
}

function field(page: Page) {
  return page.getByRole('textbox', { name: 'Kode OTP (6 angka)' })
}

/** What a screen reader was told last. Works also while the browser waits for the next page. */
async function spoken(page: Page): Promise<string> {
  return String(await page.evaluate(`document.querySelector('[data-voice]').textContent`))
}

describe('the page for a code', { concurrency: 3 }, () => {
  for (const javaScriptEnabled of [true, false]) {
    const how = javaScriptEnabled ? 'with a script' : 'without a script'

    browserTest(`a code pasted with spaces and a dash arrives whole, ${how}`, async (stage) => {
      const server = await serveCode(stage)
      const permissions = ['clipboard-read', 'clipboard-write']
      const page = await stage.open({ javaScriptEnabled, permissions })
      await page.goto(`${server.url}/page`)
      await page.evaluate(`navigator.clipboard.writeText('12 34-56')`)
      await field(page).focus()
      await page.keyboard.press('ControlOrMeta+V')
      assert.equal(await field(page).inputValue(), '12 34-56')
      await posting(page, () => page.getByRole('button', { name: 'Simpan kartu' }).click())
      const form = readForm(posts(server)[0] ?? new URLSearchParams())
      assert.equal(form?.action, 'verify')
      assert.equal(form?.code, '123456')
      assert.equal(form?.csrfToken, BINDING.csrfToken)
    })

    browserTest(`the switch of language takes the typed code along, ${how}`, async (stage) => {
      const server = await serveCode(stage)
      const page = await stage.open({ javaScriptEnabled })
      await page.goto(`${server.url}/page`)
      await field(page).fill('12 3')
      await page.getByRole('button', { name: 'English' }).click()
      await page.getByRole('heading', { name: 'Confirm saving your card' }).waitFor()
      assert.equal(await page.getByRole('textbox').inputValue(), '12 3')
      await page.getByRole('button', { name: 'Bahasa Indonesia' }).click()
      await page.getByRole('heading', { name: 'Konfirmasi penyimpanan kartu' }).waitFor()
      assert.equal(await field(page).inputValue(), '12 3')
      assert.ok(server.visits.every(({ url }) => url.search === ''))
    })

    browserTest(`a wrong code is still there to be corrected, under the cursor, ${how}`, async (stage) => {
      const server = await serveCode(stage, { notice: 'wrong', entered: '12 34-57', attemptsLeft: 3 })
      const page = await stage.open({ javaScriptEnabled })
      await page.goto(`${server.url}/page`)
      assert.equal(await field(page).inputValue(), '12 34-57')
      assert.equal(await field(page).getAttribute('aria-invalid'), 'true')
      assert.equal(await page.evaluate('document.activeElement.id'), 'code')
      const described = (await field(page).getAttribute('aria-describedby'))?.split(' ') ?? []
      const words = await Promise.all(described.map((id) => page.locator(`#${id}`).innerText()))
      assert.match(words.join(' '), /^Kode salah\. Sisa 3 percobaan\./)
      assert.match(await page.title(), /^Kesalahan: /)
    })
  }

  browserTest('the browser refuses letters, and nothing that a code may be written with', async (stage) => {
    const server = await serveCode(stage)
    const page = await stage.open()
    const complaints: string[] = []
    page.on('console', (message) => complaints.push(message.text()))
    await page.goto(`${server.url}/page`)
    const isRefused = () => page.evaluate(`!document.getElementById('code').checkValidity()`)
    for (const [text, refused] of Object.entries({
      '12 34-56': false,
      123456: false,
      '12345x': true,
      '': true,
    })) {
      await field(page).fill(text)
      assert.equal(await isRefused(), refused, text)
    }
    await field(page).fill('abc')
    await page.keyboard.press('Enter')
    assert.equal(posts(server).length, 0)
    assert.deepEqual(complaints, [])
  })

  browserTest(
    'the seconds run, are spoken three times, and end with the offer of a new code',
    async (stage) => {
      const server = await serveCode(stage)
      const page = await stage.open()
      await openAt(page, NOW, `${server.url}/page`)
      const timer = page.locator('.time [role=timer]')
      assert.equal(await timer.innerText(), '4.32')
      const heard = new Map<string, string>()
      for (let second = 272; second >= 0; second -= 1) {
        const words = await spoken(page)
        if (!heard.has(words)) heard.set(words, await timer.innerText().catch(() => ''))
        if (second > 62) {
          await page.clock.runFor((second - 62) * 1_000)
          second = 62
        }
        if (second > 0) await page.clock.runFor(1_000)
      }
      assert.deepEqual(
        [...heard].filter(([words]) => /berlaku/.test(words)),
        [
          ['Kode berlaku 1 menit lagi.', '1.00'],
          ['Kode berlaku 30 detik lagi.', '0.30'],
        ],
      )
      assert.equal(await spoken(page), 'Kode sudah kedaluwarsa. Minta kode baru.')
      assert.equal(await page.locator('.time').innerText(), 'Kode sudah kedaluwarsa. Minta kode baru.')
    },
  )

  browserTest(
    'a new code cannot be asked for until its time, though the button can be reached',
    async (stage) => {
      const server = await serveCode(stage)
      const page = await stage.open()
      await openAt(page, NOW, `${server.url}/page`)
      const resend = page.getByRole('button', { name: 'Kirim ulang' })
      assert.equal(await resend.getAttribute('aria-disabled'), 'true')
      assert.equal((await page.locator('[data-wait]').innerText()).trim(), '(0.42)')
      await resend.focus()
      await page.keyboard.press('Enter')
      assert.equal(await page.evaluate('document.activeElement.value'), 'resend')
      await page.clock.runFor(41_000)
      assert.equal(await resend.getAttribute('aria-disabled'), 'true')
      assert.equal(posts(server).length, 0)
      await page.clock.runFor(1_000)
      assert.equal(await resend.getAttribute('aria-disabled'), null)
      assert.equal(await spoken(page), 'Kode baru dapat diminta.')
      await posting(page, () => page.keyboard.press('Enter'))
      assert.equal(posts(server)[0]?.get('action'), 'resend')
    },
  )

  browserTest(
    'a minute before the end the page offers more time, and the typed code survives it',
    async (stage) => {
      const server = await serveCode(stage)
      const page = await stage.open()
      await openAt(page, NOW, `${server.url}/page`)
      await field(page).fill('1234')
      const more = page.getByRole('button', { name: 'Beri saya waktu lagi' })
      await page.clock.runFor(539_000)
      assert.equal(await more.isVisible(), false)
      await page.clock.runFor(1_000)
      assert.equal(await more.isVisible(), true)
      assert.equal(await spoken(page), 'Sesi berakhir kurang dari 1 menit lagi.')
      await posting(page, () => more.click())
      const fields = posts(server)[0]
      assert.equal(fields?.get('action'), 'extend')
      assert.equal(fields?.get('code'), '1234')
    },
  )

  browserTest('a session that ends fetches the page of its end', async (stage) => {
    const server = await serveCode(stage, { sessionEndsAt: NOW + 3_000 })
    const page = await stage.open()
    await openAt(page, NOW, `${server.url}/page?language=en`)
    const fetched = page.waitForRequest(`${server.url}/page?language=en`)
    await page.clock.runFor(4_000)
    assert.equal((await fetched).method(), 'GET')
  })

  browserTest('a form that is on its way is not sent again, and its end of session waits', async (stage) => {
    // An answer without content leaves the browser where it is, as if the answer were still to come.
    const server = await startPageServer(({ method }) =>
      method === 'POST'
        ? { status: 204, headers: {}, body: '' }
        : codePage({ ...BINDING, sessionEndsAt: NOW + 5_000, language: 'id' }),
    )
    stage.after(() => server.stop())
    const page = await stage.open()
    await openAt(page, NOW, `${server.url}/page`)
    await field(page).fill('123456')
    const send = () => page.evaluate(`document.querySelector('button.main').click()`)
    await posting(page, async () => {
      for (let times = 0; times < 3; times += 1) await send()
    })
    assert.equal(await spoken(page), 'Sedang dikirim…')
    await page.clock.runFor(8_000)
    await send()
    assert.equal(posts(server)[0]?.get('action'), 'verify')
    assert.equal(server.visits.length, 2)
    await page.clock.runFor(8_000)
    await posting(page, async () => {
      await send()
    })
    assert.equal(posts(server).length, 2)
  })

  browserTest('everything can be reached and seen by the keyboard, and Enter verifies', async (stage) => {
    const server = await serveCode(stage, { resend: { availableAt: NOW, left: 3 } })
    const page = await stage.open()
    await page.clock.setFixedTime(NOW)
    await page.goto(`${server.url}/page`)
    const walk: string[] = []
    for (let step = 0; step < 5; step += 1) {
      await page.keyboard.press('Tab')
      walk.push(String(await page.evaluate(`document.activeElement.value || document.activeElement.id`)))
      const outline = await page.evaluate(`getComputedStyle(document.activeElement).outline`)
      assert.match(String(outline), /solid 3px/)
    }
    assert.deepEqual(walk, ['language', 'code', 'verify', 'resend', 'cancel'])
    await field(page).focus()
    await page.keyboard.type('123456')
    await posting(page, () => page.keyboard.press('Enter'))
    assert.equal(posts(server)[0]?.get('action'), 'verify')
    assert.equal(posts(server)[0]?.get('code'), '123456')
  })

  browserTest('a shop cannot put markup into the page by its name', async (stage) => {
    const shop = `<img src=x onerror=alert(1)> & "Sons" </title><script>alert(1)</script>`
    const server = await serveCode(stage, { shop, reference: '"><b>1</b>', maskedPhone: '</p><u>0</u>' })
    const page = await stage.open()
    let isAlarmed = false
    page.on('dialog', (dialog) => {
      isAlarmed = true
      return dialog.dismiss()
    })
    await page.goto(`${server.url}/page`)
    assert.equal(await page.locator('main img, main b b, main u, main script').count(), 0)
    assert.equal(await page.locator('dd').first().innerText(), shop)
    assert.match(await page.title(), /<img src=x onerror=alert\(1\)> & "Sons"/)
    assert.equal(isAlarmed, false)
  })
})
