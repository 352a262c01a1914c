const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'there is no such host',
  ECONNRESET: 'the connection broke',
  UND_ERR_SOCKET: 'the connection broke',
  ETIMEDOUT: 'it kept silent',
  TimeoutError: 'it kept silent',
}

/** Why something could not be reached. The reason proper is the innermost cause: each layer wraps that of the one below. */
export function reasonOf(error: Error): string {
  const cause = innermost(error)
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.name
  return WORDS[code] ?? cause.message
}

function innermost(error: Error): Error {
  return error.cause instanceof Error ? innermost(error.cause) : error
}
