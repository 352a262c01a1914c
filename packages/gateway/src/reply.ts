/** A reply as it is stored and sent: the text is repeated to the letter when the same request comes again. */
export interface StoredReply {
  /** HTTP status. */
  readonly status: number
  readonly text: string
}
