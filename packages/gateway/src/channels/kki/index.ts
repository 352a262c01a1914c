import type { Channel, ChannelAnswer, InquiryAnswer } from '../channel.ts'
import { silence } from './asking.ts'
import { kkiCards } from './cards.ts'
import { NetworkClient, type NetworkClientOptions } from './client.ts'
import { KKI } from './profile.ts'
import { kkiRefunds } from './refunds.ts'
import { chargeMessage, isNotFound, readAnswer, unresolved } from './wire.ts'

export type KkiOptions = NetworkClientOptions

const CHARGES = '/network/v1/charges'
const INQUIRY_CONNECTIONS = 16

/** Kartu Kredit Indonesia over network API v1. */
export function kkiChannel(options: KkiOptions): Channel {
  const client = new NetworkClient(options)
  // Connections of their own: charges that hang must not keep the reconciler from asking what became of them.
  const inquiries = new NetworkClient({ ...options, connections: INQUIRY_CONNECTIONS })
  return {
    profile: KKI,
    owns: (chargeToken) => chargeToken.startsWith('9360'),

    async charge(instruction, timeoutMs): Promise<ChannelAnswer> {
      const body = chargeMessage(instruction)
      const answer = await client
        .send({ method: 'POST', path: CHARGES, body }, timeoutMs)
        .catch(unsentOrSilent)
      if ('kind' in answer) return answer
      if (answer.status === 200) return readAnswer(answer.body, instruction)
      return unresolved(`the network answered HTTP ${answer.status}`)
    },

    async inquire(charge, timeoutMs): Promise<InquiryAnswer> {
      const path = `${CHARGES}/${charge.referenceNo}`
      const answer = await inquiries.send({ method: 'GET', path }, timeoutMs).catch(silence)
      if ('kind' in answer) return answer
      if (answer.status === 200) return readAnswer(answer.body, charge)
      if (answer.status === 404 && isNotFound(answer.body, charge.referenceNo)) return { kind: 'not-found' }
      return unresolved(`the network answered HTTP ${answer.status}`)
    },

    bindings: kkiCards(client, inquiries),
    refunds: kkiRefunds(client, inquiries),

    async close() {
      await Promise.all([client.close(), inquiries.close()])
    },
  }
}

const NEVER_CONNECTED = new Set([
  'ECONNREFUSED',
  'UND_ERR_CONNECT_TIMEOUT',
  'ENOTFOUND',
  'EHOSTUNREACH',
  'ENETUNREACH',
])

/** Without a connection nothing was sent, and that is the one silence which is a no. */
function unsentOrSilent(error: unknown): ChannelAnswer {
  const { code, syscall } = error as { code?: string; syscall?: string }
  // A route that is lost under an established connection has the same code: what was sent may have arrived.
  const isWhileConnecting = syscall === undefined || syscall === 'connect' || syscall === 'getaddrinfo'
  if (code === undefined || !NEVER_CONNECTED.has(code) || !isWhileConnecting) return silence(error)
  return { kind: 'declined', outcome: 'externalServerError', networkCode: 'unreachable' }
}
