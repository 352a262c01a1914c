import assert from 'node:assert/strict'
import { describe } from 'node:test'
import type { Page } from 'playwright-core'
import { approvalPage, donePage, pendingPage } from '../../src/page/index.ts'
import { browserTest, openAt, posting, type Stage } from './chromium.ts'
import { type PageServer, startPageServer, type Visit } from './page-server.ts'
import { BINDING, NOW, PAYMENT } from './samples.ts'

const RECEIPT = { ...PAYMENT, doneAt: NOW, language: 'id' } as const
const SHOP = 'https://toko.example/kartu?sesi=8f2c'

type Answer = Parameters<typeof startPageServer>[0]

async function serve(stage: Stage, answer: Answer): Promise<PageServer> {
  const server = await startPageServer(answer)
  stage.after(() => server.stop())
  return server
}

/** Stands in for the shop's web site, so that no test leaves the machine. */
async function openShop(page: Page): Promise<void> {
  await page.route('https://toko.example/**', (route) =>
    route.fulfill({ contentType: 'text/html', body: '<title>Toko</title>' }),
  )
}

const NOTHING_NEW = { status: 204, headers: {}, body: '' }
const NEWS = { status: 200, headers: {}, body: '' }

/** A page that waits until the bank has answered. */
function waiting(render: () => ReturnType<Answer>, hasNews: () => boolean): Answer {
  return ({ url }: Visit) => {
    if (url.pathname === '/status') return hasNews() ? NEWS : NOTHING_NEW
    return hasNews() ? donePage(RECEIPT) : render()
  }
}

describe('the pages at the end', { concurrency: 3 }, () => {
  browserTest('the page goes back to the shop by itself after its time, not before', async (stage) => {
    const server = await serve(stage, () => donePage(RECEIPT))
    const page = await stage.open()
    await openShop(page)
    await openAt(page, NOW, `${server.url}/page`)
    assert.match(await page.locator('.returning').innerText(), /Kembali ke Toko Contoh dalam 10 detik\./)
    await page.clock.runFor(9_000)
    assert.equal(page.url(), `${server.url}/page`)
    await page.clock.runFor(1_000)
    await page.waitForURL(SHOP)
  })

  browserTest('a customer who wants to stay is not sent back', async (stage) => {
    const server = await serve(stage, () => donePage({ ...RECEIPT, autoReturnSeconds: 1 }))
    const page = await stage.open()
    await openShop(page)
    await openAt(page, NOW, `${server.url}/page`)
    await page.getByRole('button', { name: 'Tetap di halaman ini' }).click()
    await page.clock.runFor(60_000)
    assert.equal(page.url(), `${server.url}/page`)
    assert.equal(await page.evaluate('document.activeElement.textContent'), 'Kembali ke toko')
    await page.keyboard.press('Enter')
    await page.waitForURL(SHOP)
  })

  browserTest('without a script the receipt has a way back and says how it is printed', async (stage) => {
    const server = await serve(stage, () => donePage(RECEIPT))
    const page = await stage.open({ javaScriptEnabled: false })
    await openShop(page)
    await page.goto(`${server.url}/page`)
    assert.equal(await page.getByRole('button').count(), 0)
    const words = await page.locator('main').innerText()
    assert.match(words, /Untuk mencetak bukti, pakai menu Cetak di peramban Anda\./)
    await page.getByRole('link', { name: 'Kembali ke toko' }).click()
    await page.waitForURL(SHOP)
  })

  browserTest('the receipt prints on its own, with everything that a file needs', async (stage) => {
    const server = await serve(stage, () => donePage(RECEIPT))
    const page = await stage.open()
    await page.addInitScript('window.print = () => { window.printed = true }')
    await page.clock.setFixedTime(NOW)
    await page.goto(`${server.url}/page`)
    await page.getByRole('button', { name: 'Cetak bukti' }).click()
    assert.equal(await page.evaluate('window.printed'), true)
    await page.emulateMedia({ media: 'print' })
    assert.deepEqual((await page.locator('body').innerText()).split(/\n+/).filter(Boolean), [
      'BRI',
      'Pembayaran berhasil',
      'Anda membayar Rp\u00a0150.000 kepada Toko Contoh dengan kartu BRI ···· 3142.',
      ...['Toko', 'Toko Contoh', 'Jumlah', 'Rp\u00a0150.000', 'Kartu', 'BRI ···· 3142'],
      ...['Referensi', 'KKI-20260526-7Q4M2D', 'Referensi toko', 'SATKER-0042'],
      ...['Waktu', '26 Mei 2026 pukul 10.02.28 WIB'],
    ])
  })

  browserTest(
    'a page that waits asks every two seconds, and shows the end when there is one',
    async (stage) => {
      for (const render of [
        () => approvalPage({ ...BINDING, statusPath: '/status', mayUseCode: true, language: 'id' }),
        () => pendingPage({ ...BINDING, statusPath: '/status', language: 'id' }),
      ]) {
        let hasNews = false
        const server = await serve(
          stage,
          waiting(render, () => hasNews),
        )
        const page = await stage.open()
        await openAt(page, NOW, `${server.url}/page`)
        const asked = () => server.visits.filter(({ url }) => url.pathname === '/status').length
        for (const times of [1, 2]) {
          const answered = page.waitForResponse(`${server.url}/status`)
          await page.clock.runFor(2_000)
          await (await answered).finished()
          assert.equal(asked(), times)
        }
        hasNews = true
        // The page takes a moment to set its next question after an answer.
        while (!page.url().includes('?language=id')) await page.clock.runFor(500)
        await page.getByRole('heading', { name: 'Pembayaran berhasil' }).waitFor()
      }
    },
  )

  browserTest('without a script a page that is being processed fetches itself again', async (stage) => {
    let visits = 0
    const server = await serve(stage, () => {
      visits += 1
      const page = { ...BINDING, statusPath: '/status', language: 'en' } as const
      return visits === 1 ? pendingPage(page) : donePage({ ...page, doneAt: NOW })
    })
    const page = await stage.open({ javaScriptEnabled: false })
    await page.goto(`${server.url}/page`)
    await page.getByRole('heading', { name: 'Card saved' }).waitFor({ timeout: 20_000 })
    assert.equal(new URL(page.url()).search, '?language=en')
  })

  browserTest('without a script an approval is told by a button, and a code is a way out', async (stage) => {
    const server = await serve(stage, () =>
      approvalPage({ ...BINDING, statusPath: '/status', mayUseCode: true, language: 'id' }),
    )
    const page = await stage.open({ javaScriptEnabled: false })
    await page.goto(`${server.url}/page`)
    await page.getByRole('button', { name: 'Saya sudah menyetujui' }).click()
    await posting(page, () => page.getByRole('button', { name: 'Pakai kode saja' }).click())
    const actions = server.visits.slice(1).map(({ fields }) => fields.get('action'))
    assert.deepEqual(actions, ['approved', 'code'])
  })

  browserTest('only the origins of the partner see the page in a frame', async (stage) => {
    const ancestors: string[] = []
    const server = await serve(stage, () => donePage({ ...RECEIPT, frameAncestors: ancestors }))
    const shop = (): Answer => () => ({
      status: 200,
      headers: { 'content-type': 'text/html' },
      body: `<!doctype html><title>Toko</title><iframe src="${server.url}/page"></iframe>`,
    })
    const [ours, other] = [await serve(stage, shop()), await serve(stage, shop())]
    ancestors.push(ours.url)
    const framed = async (url: string) => {
      const page = await stage.open()
      await page.goto(url)
      return page.frameLocator('iframe').getByRole('heading', { name: 'Pembayaran berhasil' }).count()
    }
    assert.equal(await framed(ours.url), 1)
    assert.equal(await framed(other.url), 0)
    ancestors.pop()
    assert.equal(await framed(ours.url), 0)
  })
})
