/** A reply as it is stored and sent: the text is repeated to the letter when the same request comes again. */
export interface StoredReply {
  /** HTTP status. */
  readonly status: number
  readonly text: string
  /** It was given before, to the same request. */
  readonly isRepeated?: true
}

/** The first reply to the letter, with HTTP 409: DOKU's rule for a request that comes again. */
export function repeatedReply(text: string): StoredReply {
  return { status: 409, text, isRepeated: true }
}

const CODE_IN_REPLY = /^\{"responseCode":"(\d{7})"/

/** The seven digits of a reply, read from the text that is sent, so that the two cannot differ. */
export function responseCodeIn(text: string): string | undefined {
  return CODE_IN_REPLY.exec(text)?.[1]
}

/** A reply that was stored: its HTTP status is the first three digits of its response code. */
export function storedReply(text: string): StoredReply {
  const code = responseCodeIn(text)
  if (code === undefined) throw new Error('A stored reply has no response code')
  return { status: Number(code.slice(0, 3)), text }
}
