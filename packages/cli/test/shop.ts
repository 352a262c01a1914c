import { generateKeyPairSync } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { verifySymmetric } from '@gerbang/snap/signature'
import { emptyFolder } from './run-gerbang.ts'

export const SECRET = 'SK-cli-test-secret'
const { publicKey: _, privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
})

export interface Shop {
  readonly cwd: string
  readonly bodies: Record<string, unknown>[]
  /** The last part of each path that was called, tokens left out. */
  readonly called: string[]
  readonly headers: IncomingHttpHeaders[]
}

export interface Reply {
  readonly status: number
  readonly body: object
  /** How long the gateway thinks about it. */
  readonly delayMs?: number
}

/** By the last part of the path. */
export type Replies = Readonly<Record<string, Reply>>

/** A folder with `.gerbang/demo-partner.json` and a gateway that checks signatures and gives one answer. */
export async function openShop(t: TestContext, given: Reply | Replies): Promise<Shop> {
  const bodies: Record<string, unknown>[] = []
  const called: string[] = []
  const headers: IncomingHttpHeaders[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks)
    const isToken = request.url?.endsWith('/access-token/b2b')
    const name = request.url?.split('/').at(-1) ?? ''
    const reply = isReply(given) ? given : (given[name] ?? snap('4045401', 'no such reply in this test'))
    const token = {
      responseCode: '2007300',
      responseMessage: 'Successful',
      accessToken: 'tok',
      expiresIn: 900,
    }
    if (!isToken) {
      bodies.push(JSON.parse(body.toString()))
      called.push(name)
      headers.push(request.headers)
    }
    const isSigned =
      isToken ||
      name === 'b2b2c' ||
      verifySymmetric({
        secret: SECRET,
        method: 'POST',
        target: request.url ?? '',
        accessToken: 'tok',
        body,
        timestamp: String(request.headers['x-timestamp']),
        signature: String(request.headers['x-signature']),
      })
    const refused = { responseCode: '4015400', responseMessage: 'Unauthorized. Invalid Signature' }
    if (!isToken && reply.delayMs !== undefined) await sleep(reply.delayMs)
    response.writeHead(isToken ? 200 : isSigned ? reply.status : 401)
    response.end(JSON.stringify(isToken ? token : isSigned ? reply.body : refused))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    return new Promise((resolve) => server.close(resolve))
  })
  const cwd = await emptyFolder(t)
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  await writePartner(cwd, baseUrl)
  return { cwd, bodies, called, headers }
}

export async function writePartner(cwd: string, baseUrl: string): Promise<void> {
  await mkdir(join(cwd, '.gerbang'))
  const partner = { baseUrl, clientId: 'BRN-1', clientSecret: SECRET, privateKeyFile: 'demo.pem' }
  await writeFile(join(cwd, '.gerbang', 'demo-partner.json'), JSON.stringify(partner))
  await writeFile(join(cwd, '.gerbang', 'demo.pem'), privateKey)
}

export function snap(responseCode: string, responseMessage: string, more: object = {}): Reply {
  return { status: Number(responseCode.slice(0, 3)), body: { responseCode, responseMessage, ...more } }
}

function isReply(given: Reply | Replies): given is Reply {
  return typeof given.status === 'number'
}
