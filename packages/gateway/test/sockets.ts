import { connect } from 'node:net'

/** Writes bytes as they are to a socket and reads until one whole answer is there, or the other side is done or silent. */
export function speak(url: string, words: string | Buffer, silenceMs = 1_000): Promise<string> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    const socket = connect(Number(port), hostname, () => socket.write(words))
    const end = () => {
      socket.destroy()
      resolve(Buffer.concat(chunks).toString('latin1'))
    }
    socket.setTimeout(silenceMs, end)
    socket.on('data', (chunk) => {
      chunks.push(chunk)
      const { head, body } = readAnswer(Buffer.concat(chunks).toString('latin1'))
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? Number.NaN)
      if (body.length >= length) end()
    })
    socket.on('end', end)
    socket.on('error', (error: Error & { code?: string }) =>
      error.code === 'ECONNRESET' || error.code === 'EPIPE' ? end() : reject(error),
    )
  })
}

/** Status and body of the one answer that a socket gave. */
export function readAnswer(text: string): { status: number; head: string; body: string } {
  const [head = '', ...rest] = text.split('\r\n\r\n')
  return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0), head, body: rest.join('\r\n\r\n') }
}
