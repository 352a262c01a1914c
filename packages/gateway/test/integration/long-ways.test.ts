import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import { text } from 'node:stream/consumers'
import { after, before, test } from 'node:test'
import { openChannels } from '../../src/channels/index.ts'
import { newId, PAYMENT_PATH } from '../merchant.ts'
import { openStage, type Stage } from '../stage.ts'
import { aJump } from '../wallet-network.ts'

/** Where the wallet of these tests sends whoever pays. */
let page = ''
let isMute = false
let wallet: Server
let stage: Stage

before(async () => {
  wallet = createServer(async (request, response) => {
    const referenceNo =
      request.method === 'POST'
        ? JSON.parse(await text(request)).referenceNo
        : request.url?.split('/').at(-1)?.split('?')[0]
    if (isMute && request.method === 'POST') {
      response.destroy()
      return
    }
    response.setHeader('content-type', 'application/json')
    response.end(
      JSON.stringify({
        referenceNo,
        status: 'waiting',
        resultCode: 'W0',
        networkReferenceNo: 'N1',
        step: 'app',
        redirectUrl: page,
      }),
    )
  })
  await new Promise<void>((resolve) => wallet.listen(0, '127.0.0.1', resolve))
  const address = wallet.address()
  assert.ok(address !== null && typeof address === 'object')
  const network = { url: `http://127.0.0.1:${address.port}`, key: undefined, connections: 2 }
  stage = await openStage({ seams: { channels: openChannels({ opened: ['dana'], network, urls: {} }) } })
})
after(async () => {
  await stage.close()
  wallet.closeAllConnections()
  await new Promise((resolve) => wallet.close(resolve))
})

/** An address of exactly so many characters. */
function anAddress(length: number, character: string): string {
  return 'https://wallet.example/pay?q='.padEnd(length, character)
}

for (const [length, character] of [
  [1024, 'a'],
  [1025, 'a'],
  [2048, 'a'],
  // Which JSON writes with two characters.
  [2048, '"'],
  [2048, '\\'],
] as const)
  test(`a page of the network’s own is told with all its ${length} characters (${character}), and told again`, async () => {
    page = anAddress(length, character)
    const externalId = newId()
    const body = aJump(newId())
    const more = { externalId }
    const first = await stage.merchant.call(PAYMENT_PATH, body, more)
    assert.equal(first.body.responseCode, '2005400', first.text)
    assert.equal(first.body.webRedirectUrl, page)
    assert.equal(first.body.additionalInfo.webRedirectUrl, page)
    const again = await stage.merchant.call(PAYMENT_PATH, body, more)
    assert.deepEqual([again.status, again.text], [409, first.text])
  })

test('a long page that is learnt when the network is asked again is kept, and told by the same request', async () => {
  page = anAddress(2048, 'b')
  isMute = true
  const externalId = newId()
  const body = aJump(newId())
  const more = { externalId }
  const first = await stage.merchant.call(PAYMENT_PATH, body, more)
  isMute = false
  assert.equal(first.body.responseCode, '5045400', first.text)
  for (const end = Date.now() + 10_000; ; await new Promise((next) => setTimeout(next, 50))) {
    const again = await stage.merchant.call(PAYMENT_PATH, body, more)
    assert.equal(again.status, 409)
    if (again.body.webRedirectUrl === page) break
    assert.ok(Date.now() < end, again.text)
  }
})
