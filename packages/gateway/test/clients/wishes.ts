import { randomInt } from 'node:crypto'
import { newId } from '../merchant.ts'
import type { Wish } from './bodies.ts'
import type { Client } from './client.ts'
import type { Customer } from './customer-page.ts'
import { PIN } from './customer-page.ts'

/** What is particular about a channel for a merchant who uses a client library. */
export interface Shop {
  readonly channel: string
  /** How a reference has to look: Allo's are long, CIMB's and BRI's short. */
  readonly reference: () => string
  readonly binding: Readonly<Record<string, string>>
  readonly payment: Readonly<Record<string, string | object>>
  readonly hasBalance: boolean
  /** Where a payment is confirmed: on our page, or in the wallet's own application. */
  readonly asks: 'page' | 'app'
  /** Where a card is kept and not an account: the last four digits, or all of them. */
  readonly cardNumber?: string
}

const AMOUNT = { value: '25000.00', currency: 'IDR' }
/** Every sign that one writer or another escapes. */
const REMARKS = "Teh & 'kopi' <2> = 1/2 Ω😀"
const URLS = {
  successPaymentUrl: 'https://shop.example/ok?order=1&by=app',
  failedPaymentUrl: "shop.example/no?why='none'&x=1",
}
const LINE_ITEMS = [{ name: 'Kopi & susu', price: '25000.00', quantity: '1' }]

const short = () => String(randomInt(1e11, 1e12 - 1))
const long = () => `${newId()}${newId()}`.slice(0, 40)

export const SHOPS: Readonly<Record<'cimb' | 'allo' | 'ovo' | 'bri' | 'mandiri', Shop>> = {
  cimb: {
    channel: 'DIRECT_DEBIT_CIMB_SNAP',
    reference: short,
    binding: {},
    payment: { remarks: REMARKS, ...URLS },
    asks: 'page',
    hasBalance: false,
  },
  allo: {
    channel: 'DIRECT_DEBIT_ALLO_SNAP',
    reference: long,
    binding: { deviceModel: 'Pixel 9', osType: 'android', channelId: 'app' },
    payment: { remarks: REMARKS, lineItems: LINE_ITEMS, ...URLS },
    asks: 'page',
    hasBalance: true,
  },
  ovo: {
    channel: 'EMONEY_OVO_SNAP',
    reference: short,
    binding: {},
    payment: {
      payOptionDetails: [
        { payMethod: 'CASH', transAmount: AMOUNT, feeAmount: { value: '0.00', currency: 'IDR' } },
      ],
      paymentType: 'SALE',
      ...URLS,
    },
    asks: 'app',
    hasBalance: true,
  },
  bri: {
    channel: 'DIRECT_DEBIT_BRI_SNAP',
    reference: short,
    binding: {},
    payment: { paymentType: 'SALE', chargeToken: 'charge-token-0001', ...URLS },
    asks: 'page',
    hasBalance: false,
    cardNumber: '7801',
  },
  mandiri: {
    channel: 'DIRECT_DEBIT_MANDIRI_SNAP',
    reference: short,
    binding: {},
    payment: { paymentType: 'SALE', ...URLS },
    asks: 'page',
    hasBalance: false,
    cardNumber: '4616990000007801',
  },
}

export const WALLETS = ['EMONEY_DANA_SNAP', 'EMONEY_SHOPEE_PAY_SNAP'] as const

export function aCustomer(): Customer {
  return { phoneNo: `6281${randomInt(1e8, 1e9)}`, pin: PIN }
}

const KEPT_URLS = {
  successRegistrationUrl: 'https://shop.example/ok?step=1&of=2',
  failedRegistrationUrl: 'https://shop.example/no',
}

export function toBind({ channel, binding }: Shop, { phoneNo }: Customer): Wish {
  return {
    channel,
    phoneNo,
    custIdMerchant: `CUST${newId()}`,
    customerName: 'Ayu Çelik & Putri',
    email: 'ayu@shop.example',
    ...KEPT_URLS,
    ...binding,
  }
}

export function toRegister({ channel }: Shop, { phoneNo }: Customer, cardData: string): Wish {
  return { channel, phoneNo, custIdMerchant: `CUST${newId()}`, cardData, ...KEPT_URLS }
}

/** Node's own check refuses a member that it does not know: it spells `feeType` otherwise, so it cannot be set there. */
export function toPay(client: Client, { channel, payment, reference }: Shop, more: object = {}): Wish {
  const feeType = channel === 'EMONEY_OVO_SNAP' && client.name !== 'node' ? { feeType: 'OUR' } : {}
  return {
    channel,
    partnerReferenceNo: reference(),
    amount: AMOUNT,
    ...feeType,
    ...(payment as object),
    ...more,
  }
}

export function toJump(channel: string): Wish {
  return {
    channel,
    partnerReferenceNo: newId(),
    validUpTo: new Date(Date.now() + 600_000 + 7 * 3_600_000).toISOString().slice(0, 19).concat('+07:00'),
    pointOfInitiation: 'app',
    urlParam: [{ url: 'https://shop.example/ok?order=1&by=app', type: 'PAY_RETURN', isDeepLink: 'N' }],
    amount: AMOUNT,
    orderTitle: 'Kopi & teh',
  }
}

export function toRefund(
  { channel, reference }: Pick<Shop, 'channel' | 'reference'>,
  paid: Wish,
  value: string,
): Wish {
  return {
    channel,
    originalPartnerReferenceNo: paid.partnerReferenceNo,
    refundAmount: { value, currency: 'IDR' },
    reason: "Barang rusak & 'basi'",
    partnerRefundNo: reference(),
  }
}
