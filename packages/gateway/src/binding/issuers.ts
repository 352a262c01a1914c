/** Issuers by digits five to eight of a card number, as their customers call them. A new one is one line here. */
const ISSUERS: Readonly<Record<string, string>> = {
  '0002': 'BRI',
  '0008': 'Mandiri',
  '0110': 'bank bjb',
  '0111': 'Bank DKI',
  '0129': 'BPD Bali',
}

/** The issuer's name, or undefined when its number is not listed. `issuerNumber` is the first eight digits of the card. */
export function issuerName(issuerNumber: string): string | undefined {
  return ISSUERS[issuerNumber.slice(4, 8)]
}
