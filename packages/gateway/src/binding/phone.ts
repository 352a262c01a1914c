/** `0811…`, `+62811…` and `62811…` as `62811…`. The number has the form that the contract asks for. */
export function normalisePhone(phoneNo: string): string {
  return phoneNo.replace(/^\+/, '').replace(/^0/, '62')
}

/** `62811223344` as `+62 811-••••-••44`: enough for its owner, too little for anybody else. */
export function maskPhone(normalised: string): string {
  return `+62 ${normalised.slice(2, 5)}-••••-••${normalised.slice(-2)}`
}

const PHONE = /^(?:\+?62|0)8\d{7,13}$/

/** Whether a number that no contract has checked is an Indonesian mobile number. */
export function isPhone(text: string | undefined): text is string {
  return text !== undefined && PHONE.test(text)
}
