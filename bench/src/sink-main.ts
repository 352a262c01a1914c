import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const HEADERS = { 'content-type': 'application/json' }
const TOKEN = '{"accessToken":"of-the-sink","tokenType":"Bearer","expiresIn":900}'
const REPLY = '{"responseCode":"2005600","responseMessage":"Request has been processed successfully"}'

/** A partner who answers at once and looks at nothing. */
const server = createServer((request, response) => {
  request.resume()
  request.once('end', () =>
    response.writeHead(200, HEADERS).end(request.url?.startsWith('/token') ? TOKEN : REPLY),
  )
})
server.listen({ port: 0, host: '127.0.0.1', backlog: 1024 }, () => {
  process.send?.({ ready: true, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
})
process.once('disconnect', () => process.exit())
