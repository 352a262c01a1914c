// Pays Rp10.000 as the demo partner of a running `npm start`, then asks what became of it.
import { readFileSync } from 'node:fs'
import { SnapClient } from '@gerbang/sdk'

const demo = JSON.parse(readFileSync('.gerbang/demo-partner.json', 'utf8'))
const privateKey = readFileSync(`.gerbang/${demo.privateKeyFile}`, 'utf8')
const { baseUrl, clientId, clientSecret } = demo
const client = new SnapClient({ baseUrl, clientId, clientSecret, privateKey })

const partnerReferenceNo = `SHOP-${Date.now()}`
const card = { chargeToken: '9360000200000200001', otp: '12345678' }
const payment = await client.pay({ partnerReferenceNo, amount: '10000.00', ...card })
console.log(payment.status, payment.money, payment.responseCode)

const known = await client.status({ originalPartnerReferenceNo: partnerReferenceNo })
console.log(known.status, known.amount, known.paidTime)
