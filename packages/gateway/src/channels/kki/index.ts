import type { Channel, ChannelAnswer, InquiryAnswer } from '../channel.ts'
import { NetworkClient, type NetworkClientOptions } from './client.ts'
import { chargeMessage, readAnswer, unresolved } from './wire.ts'

export type KkiOptions = NetworkClientOptions

const CHARGES = '/network/v1/charges'

/** Kartu Kredit Indonesia over network API v1. */
export function kkiChannel(options: KkiOptions): Channel {
  const client = new NetworkClient(options)
  return {
    name: 'KARTU_KREDIT_INDONESIA_SNAP',
    aliases: ['KARTU_KREDIT_INDONESIA', 'DIRECT_DEBIT_KKI_SNAP', 'KKI_SNAP', 'CREDIT_CARD_KKI_SNAP'],
    acquirer: 'KKI',
    owns: (chargeToken) => chargeToken.startsWith('9360'),

    async charge(instruction, signal): Promise<ChannelAnswer> {
      const body = chargeMessage(instruction)
      const answer = await client.send({ method: 'POST', path: CHARGES, body }, signal).catch(unsentOrSilent)
      if ('kind' in answer) return answer
      if (answer.status === 200) return readAnswer(answer.text, instruction.referenceNo)
      return unresolved(`the network answered HTTP ${answer.status}`)
    },

    async inquire(referenceNo, signal): Promise<InquiryAnswer> {
      const answer = await client
        .send({ method: 'GET', path: `${CHARGES}/${referenceNo}` }, signal)
        .catch(silence)
      if ('kind' in answer) return answer
      if (answer.status === 200) return readAnswer(answer.text, referenceNo)
      if (answer.status === 404 && isNotFound(answer.text, referenceNo)) return { kind: 'not-found' }
      return unresolved(`the network answered HTTP ${answer.status}`)
    },

    close: () => client.close(),
  }
}

/** A 404 of a proxy or of a wrong path must not look like the network's word that it knows no such charge. */
function isNotFound(text: string, referenceNo: string): boolean {
  try {
    const message: unknown = JSON.parse(text)
    return (
      typeof message === 'object' &&
      message !== null &&
      'resultCode' in message &&
      message.resultCode === '25' &&
      'referenceNo' in message &&
      message.referenceNo === referenceNo
    )
  } catch {
    return false
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

/** The cause is for the operator: the kind of the failure, never the message that was sent. */
function silence(error: unknown): ChannelAnswer {
  const { name, code } = error as { name?: string; code?: string }
  return unresolved(`no answer from the network (${code ?? name ?? 'unknown'})`)
}
