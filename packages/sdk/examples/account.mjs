// Links an account, pays from it host to host, gives a part back and lets it go, as the demo partner of a running `npm start`.
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline/promises'
import { SnapClient } from '@gerbang/sdk'

const demo = JSON.parse(readFileSync('.gerbang/demo-partner.json', 'utf8'))
const privateKey = readFileSync(`.gerbang/${demo.privateKeyFile}`, 'utf8')
const client = new SnapClient({ ...demo, privateKey })
const terminal = createInterface({ input: process.stdin, output: process.stdout })

const channel = 'DIRECT_DEBIT_CIMB_SNAP'
const urls = { successUrl: 'https://shop.example/done', failedUrl: 'https://shop.example/not-done' }
const flow = 'host-to-host'
const number = `${Date.now()}`.slice(1) // CIMB takes twelve characters
const customer = { phoneNo: `62877${number.slice(-8)}`, custIdMerchant: number }
const { redirectUrl, authCode } = await client.bindAccount({ channel, ...customer, ...urls })
console.log(`${customer.phoneNo} confirms with 111000 and the PIN 123456: ${redirectUrl}`)
await terminal.question('Then press Enter: ')
const { accessToken: customerToken } = await client.customerToken({ authCode })

const order = { partnerReferenceNo: number, amount: '10000.00', remarks: 'Kopi' }
const payment = await client.payFromAccount({ channel, customerToken, flow, ...order, ...urls })
const otp = await terminal.question(`${payment.status}. Code that the customer was sent for the payment: `)
const paid = await client.confirmPayment({ channel, customerToken, otp, originalPartnerReferenceNo: number })

const original = { originalPartnerReferenceNo: number, partnerRefundNo: number }
const refund = await client.refund({ channel, customerToken, ...original, amount: '4000.00' })
console.log(paid.status, refund.status, refund.amount)

await client.unbindAccount({ channel, customerToken, flow })
const last = await terminal.question('Code that the customer was sent for the unbinding: ')
console.log((await client.confirmUnbinding({ channel, customerToken, otp: last })).status)
terminal.close()
