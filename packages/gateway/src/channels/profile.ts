import type { HeaderName, Operation, OutcomeName } from '@gerbang/snap'

/** DH: the customer acts on a page that we show. H2H: the partner asks the customer and sends us the code. */
export type Flow = 'DH' | 'H2H'

/** From how many characters to how many, both included. */
export interface Length {
  readonly min: number
  readonly max: number
}

/**
 * What is particular about a channel, as data. Whoever handles requests looks here and never at a channel's name; a correction of
 * what a channel wants is one line in its folder.
 */
export interface ChannelProfile {
  /** The canonical `additionalInfo.channel`. */
  readonly name: string
  readonly aliases: readonly string[]
  /** As customers call it. */
  readonly title: string
  /** What `acquirer.id` says in a status reply. */
  readonly acquirer: string
  readonly accountType: 'DIRECT_DEBIT' | 'EMONEY'
  /** What a partner is told when the network keeps silent. */
  readonly silence: Extract<OutcomeName, 'requestInProgress' | 'timeout'>
  /** Where the channel's own pages number an operation differently, in the profile `doku`. */
  readonly serviceCodes: Partial<Record<Operation, string>>
  /** Operations that want the customer's token in `Authorization-Customer`; of codes those of a payment, for before something is kept there is none. */
  readonly customerToken: readonly Operation[]
  /**
   * Headers that the channel's pages call mandatory. Some clients never send them: one that is missing is noted in the log and
   * refuses nothing.
   */
  readonly headers: Partial<Record<Operation, readonly HeaderName[]>>
  /** Headers without which a request is refused. */
  readonly strictHeaders?: Partial<Record<Operation, readonly HeaderName[]>>
  /** Absent where nothing is kept. */
  readonly binding?: BindingProfile
  readonly payment: PaymentProfile
  /** Absent where money cannot be given back. */
  readonly refund?: RefundProfile
  /** Whether a payment can be called off, all of it and on the same day. */
  readonly isCancellable: boolean
  readonly hasBalance: boolean
  /** What no page of the channel's says, and we offer all the same. */
  readonly inferred: readonly ChannelFeature[]
}

/** The rows of the matrix of channels and operations. */
export type ChannelFeature =
  | 'account-binding'
  | 'account-unbinding'
  | 'card-bind-page'
  | 'card-bind-host-to-host'
  | 'card-unbind'
  | 'customer-token'
  | 'binding-code-asked-for'
  | 'binding-code'
  | 'payment-code-asked-for'
  | 'payment-code'
  | 'unbinding-code'
  | 'balance'
  | 'payment-sale'
  | 'payment-recurring'
  | 'payment-page'
  | 'payment-host-to-host'
  | 'payment-jump-app'
  | 'cancel'
  | 'refund'
  | 'refund-partial'

export interface BindingProfile {
  /** `card`: registration-card-bind. `account`: registration-account-binding. */
  readonly kind: 'card' | 'account'
  readonly flows: readonly Flow[]
  /** Members that this channel wants besides those of the contract, as `additionalInfo.successRegistrationUrl`. */
  readonly requires: readonly string[]
  /** What a decrypted card number has to look like, for `card`. */
  readonly cardNumber?: RegExp
  /** What a decrypted `bankCardType` has to look like. Any will do where it is absent. */
  readonly cardType?: RegExp
  /** Whether its cards are of many issuers, who are told by the card's number. The channel itself unless said. */
  readonly hasIssuers?: boolean
  /** How many digits a one-time password has. */
  readonly otp: Length
  /** Whether the partner has to ask for the password: it is not sent by itself. */
  readonly isOtpAskedFor: boolean
  /** Whether a PIN follows the password, on our page: the customer is told how many steps there are. */
  readonly hasPin: boolean
  /** Whether the bank asks the customer for a code before it lets go, when the partner works host to host. */
  readonly isUnbindingConfirmed?: boolean
  /** Whether `tokenId` of an unbinding may be the Base64 of a token as well as the token. */
  readonly isTokenIdWrapped?: boolean
}

export interface PaymentProfile {
  /**
   * `kki`: the body names a card or a kept card. `debit`: the customer's token names what is kept. `jump-app`: nothing is kept, the
   * wallet asks its customer on a page of its own.
   */
  readonly shape: 'kki' | 'debit' | 'jump-app'
  readonly types: readonly ('SALE' | 'RECURRING')[]
  /** The kinds of money that a customer has there, as `payOptionDetails[].payMethod`. Absent: there is nothing to choose. */
  readonly methods?: readonly string[]
  readonly flows: readonly Flow[]
  /** Of partnerReferenceNo. */
  readonly reference: Length
  readonly requires: readonly string[]
  /** The longest `additionalInfo.remarks`. */
  readonly remarksMax: number
}

export interface RefundProfile {
  readonly isPartial: boolean
  /** Of partnerRefundNo. What pages say of originalPartnerReferenceNo they break themselves: any that was paid is taken. */
  readonly reference: Length
}
