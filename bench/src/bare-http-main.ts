import cluster from 'node:cluster'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** As long as the gateway's reply to a payment. */
const REPLY = JSON.stringify({
  responseCode: '2005400',
  responseMessage: 'Successful',
  referenceNo: '0'.repeat(32),
  partnerReferenceNo: 'INV-00000000-0000000',
})
const HEADERS = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(REPLY) }

/** The HTTP server of Node and nothing else: what a payment gateway without any payment would do. */
function work() {
  const server = createServer((request, response) => {
    request.resume()
    request.once('end', () => response.writeHead(200, HEADERS).end(REPLY))
  })
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1024 }, () => {
    process.send?.({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
  })
}

function lead() {
  const wanted = Number(process.argv[2])
  let ready = 0
  cluster.on('message', (_worker, { url }: { url: string }) => {
    if (++ready === wanted) process.send?.({ ready: true, url })
  })
  for (let count = 0; count < wanted; count++) cluster.fork()
  const stop = () => {
    for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill('SIGKILL')
    process.exit()
  }
  process.once('SIGTERM', stop)
  process.once('disconnect', stop)
}

if (cluster.isWorker) work()
else lead()
