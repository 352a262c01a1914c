import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'
import { aPayment, newId, PAYMENT_PATH, send, TOKEN_PATH } from '../merchant.ts'
import { readAnswer } from '../sockets.ts'
import { openStage, type Stage } from '../stage.ts'

const REQUEST_TIMEOUT_MS = 500
/** Within which every answer is there that does not wait for something. */
const ANSWERED_MS = 10_000
/** Until a late request is found, and until its connection is closed. */
const FOUND_MS = REQUEST_TIMEOUT_MS + 2_000 + 5_000
const CLOSED_MS = FOUND_MS + 1_000

let stage: Stage
let hasty: string
before(async () => {
  stage = await openStage()
  hasty = (await stage.openAnother({}, { GERBANG_REQUEST_TIMEOUT_MS: String(REQUEST_TIMEOUT_MS) })).url
  await stage.merchant.token()
})
const dialled: Socket[] = []
after(async () => {
  for (const socket of dialled) socket.destroy()
  await stage.close()
})

/** One end of a connection: what was heard on it, and how it ended. */
interface Line {
  readonly socket: Socket
  heard(): string
  readonly closed: Promise<Ending>
}

interface Ending {
  readonly error: string | undefined
  readonly ms: number
}

async function dial(url: string, options = {}): Promise<Line> {
  const { hostname, port } = new URL(url)
  const socket = connect({ port: Number(port), host: hostname, ...options })
  dialled.push(socket)
  const begun = performance.now()
  let [text, error]: [string, string | undefined] = ['', undefined]
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1')
  })
  socket.on('error', (fault: Error & { code?: string }) => {
    error = fault.code
  })
  const closed = new Promise<Ending>((resolve) => {
    socket.once('close', () => resolve({ error, ms: performance.now() - begun }))
  })
  await once(socket, 'connect')
  return { socket, heard: () => text, closed }
}

/** Writes a byte at a time, as long as the connection lasts. Returns what stops it and tells how many were written. */
function drip(socket: Socket, text: string, everyMs: number): () => number {
  let sent = 0
  const timer = setInterval(() => socket.write(text[sent++] ?? ''), everyMs)
  socket.once('close', () => clearInterval(timer))
  return () => {
    clearInterval(timer)
    return sent
  }
}

async function until(isSo: () => boolean, limitMs: number): Promise<void> {
  const end = performance.now() + limitMs
  while (!isSo() && performance.now() < end) await wait(10)
}

const head = (path: string, lines: readonly string[]) =>
  [`POST ${path} HTTP/1.1`, 'Host: x', ...lines, '', ''].join('\r\n')

async function signedLines(body: string | Buffer, length: number): Promise<string[]> {
  const { token, timestamp, signature } = await stage.merchant.signatureFor(PAYMENT_PATH, body)
  return [
    `X-PARTNER-ID: ${stage.merchant.keys.partnerId}`,
    `X-EXTERNAL-ID: ${newId()}`,
    `X-TIMESTAMP: ${timestamp}`,
    `X-SIGNATURE: ${signature}`,
    `Authorization: Bearer ${token}`,
    `Content-Length: ${length}`,
  ]
}

const MIB = Buffer.alloc(1_048_576, 'a')

/** What is at fault before the body, and what is said about it. */
const EARLY: readonly (readonly [
  kind: string,
  path: string,
  lines: () => Promise<string[]>,
  code: string,
])[] = [
  ['a payment without its headers', PAYMENT_PATH, async () => [`Content-Length: ${MIB.length}`], '4005402'],
  [
    'a token request without its headers',
    TOKEN_PATH,
    async () => [`Content-Length: ${MIB.length}`],
    '4007302',
  ],
  ['a body that is announced as too long', PAYMENT_PATH, () => signedLines(MIB, MIB.length), '4005400'],
  ['a path that nobody serves', '/nothing', async () => [`Content-Length: ${MIB.length}`], '4050000'],
]

for (const [kind, path, lines, code] of EARLY) {
  test(`${kind} is refused before the body is sent, and the connection is good for more`, async () => {
    const { socket, heard, closed } = await dial(stage.url)
    socket.write(head(path, await lines()))
    await until(() => heard().includes('}'), ANSWERED_MS)
    assert.equal(JSON.parse(readAnswer(heard()).body).responseCode, code)
    for (let sent = 0; sent < MIB.length; sent += 65_536) {
      socket.write(MIB.subarray(sent, sent + 65_536))
      await wait(2)
    }
    socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    assert.equal((await closed).error, undefined)
    assert.match(heard(), /HTTP\/1\.1 200 OK[\s\S]*{"status":"ok"}$/)
  })

  for (const more of ['Connection: close', 'Connection: keep-alive'])
    test(`${kind} is answered to a client that writes all before it reads, with ${more}`, async () => {
      const { socket, heard, closed } = await dial(stage.url)
      socket.pause()
      socket.write(head(path, (await lines()).concat(more)))
      for (let sent = 0; sent < MIB.length; sent += 65_536) {
        await new Promise<void>((resolve) => socket.write(MIB.subarray(sent, sent + 65_536), () => resolve()))
        await wait(2)
      }
      await wait(100)
      socket.resume()
      await until(() => heard().includes('}'), ANSWERED_MS)
      assert.equal(JSON.parse(readAnswer(heard()).body).responseCode, code)
      socket.end()
      assert.equal((await closed).error, undefined)
    })
}

test('a chunked body beyond the limit is refused to a client that writes all before it reads', async () => {
  const { socket, heard, closed } = await dial(stage.url)
  socket.pause()
  const lines = (await signedLines(MIB, 0)).slice(0, -1).concat('Transfer-Encoding: chunked')
  socket.write(head(PAYMENT_PATH, lines))
  for (let sent = 0; sent < MIB.length; sent += 65_536) {
    const chunk = Buffer.concat([
      Buffer.from('10000\r\n'),
      MIB.subarray(sent, sent + 65_536),
      Buffer.from('\r\n'),
    ])
    await new Promise<void>((resolve) => socket.write(chunk, () => resolve()))
  }
  socket.write('0\r\n\r\n')
  socket.resume()
  await until(() => heard().includes('}'), ANSWERED_MS)
  assert.equal(JSON.parse(readAnswer(heard()).body).responseCode, '4005400')
  socket.end()
  assert.equal((await closed).error, undefined)
})

describe('what takes too long to arrive', { concurrency: true }, () => {
  test('a head that comes a byte at a time is cut off with an answer of SNAP’s', async () => {
    const { socket, heard, closed } = await dial(hasty)
    const words = head(PAYMENT_PATH, [`X-A: ${'a'.repeat(1_000)}`])
    drip(socket, words, 50)
    await until(() => heard().includes('}'), FOUND_MS)
    assert.deepEqual(JSON.parse(readAnswer(heard()).body), {
      responseCode: '4000000',
      responseMessage: 'Bad Request',
    })
    assert.ok((await closed).ms < CLOSED_MS)
  })

  test('a body that comes a byte at a time is cut off, and its rest is not acted upon', async () => {
    // Goes on sending although it was told that nobody listens any more.
    const { socket, heard, closed } = await dial(hasty, { allowHalfOpen: true })
    const { partnerReferenceNo, ...others } = aPayment()
    const body = JSON.stringify({ partnerReferenceNo, ...others })
    socket.write(head(PAYMENT_PATH, await signedLines(body, Buffer.byteLength(body))))
    const stop = drip(socket, body, 100)
    await until(() => heard().includes('}'), FOUND_MS)
    socket.end(body.slice(stop()))
    assert.deepEqual(JSON.parse(readAnswer(heard()).body), {
      responseCode: '4000000',
      responseMessage: 'Bad Request',
    })
    assert.ok((await closed).ms < CLOSED_MS)
    const asked = await stage.merchant.status({ originalPartnerReferenceNo: partnerReferenceNo })
    assert.equal(asked.body.responseMessage, 'Transaction Not Found')
  })

  test('a body that never ends after its refusal ends with the connection and no second answer', async () => {
    const { socket, heard, closed } = await dial(hasty)
    socket.write(head(PAYMENT_PATH, ['Content-Length: 1000']))
    await until(() => heard().includes('}'), ANSWERED_MS)
    drip(socket, 'a'.repeat(900), 50)
    assert.ok((await closed).ms < CLOSED_MS)
    assert.equal(heard().split('HTTP/1.1 ').length - 1, 1, heard())
  })

  test('a connection on which nothing is said is closed', async () => {
    const { closed } = await dial(hasty)
    assert.ok((await closed).ms < CLOSED_MS)
  })

  test('who is told that it speaks garbage cannot keep the connection', async () => {
    const { gateway, url } = await stage.openAnother()
    const { socket, heard } = await dial(url, { allowHalfOpen: true })
    socket.write('hello there\r\n\r\n')
    await until(() => heard().includes('}'), ANSWERED_MS)
    assert.match(heard(), /^HTTP\/1\.1 400 /)
    const count = promisify(gateway.app.server.getConnections.bind(gateway.app.server))
    for (const end = performance.now() + CLOSED_MS; (await count()) > 0 && performance.now() < end; )
      await wait(20)
    assert.equal(await count(), 0)
  })
})

test('a connection beyond the limit is closed at once, is counted, and one that ends makes room', async () => {
  const { url } = await stage.openAnother({}, { GERBANG_MAX_CONNECTIONS: '3' })
  const lines = await Promise.all([1, 2, 3].map(() => dial(url)))
  const surplus = await dial(url)
  assert.ok((await surplus.closed).ms < ANSWERED_MS)
  assert.equal(surplus.heard(), '')
  const ask = ([line]: readonly Line[]) =>
    line?.socket.write('GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
  ask(lines)
  await lines[0]?.closed
  assert.match(lines[0]?.heard() ?? '', /gerbang_faults_total\{where="connections"\} 1/)
  const next = await dial(url)
  next.socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
  await next.closed
  assert.match(next.heard(), /^HTTP\/1\.1 200/)
  for (const { socket } of lines) socket.destroy()
  assert.equal((await send(url, 'GET /healthz', {}, '')).status, 200)
})
