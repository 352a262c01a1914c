// Hears of the payments of the demo partner of a running `npm start`, in the place of `gerbang listen`.
import { readFileSync } from 'node:fs'
import { notifications } from '@gerbang/sdk/express'
import express from 'express'

const { clientId, clientSecret } = JSON.parse(readFileSync('.gerbang/demo-partner.json', 'utf8'))
const gatewayPublicKey = readFileSync('.gerbang/gateway-public.pem', 'utf8')

const app = express()
const onPayment = ({ originalPartnerReferenceNo, status }) => console.log(originalPartnerReferenceNo, status)
const { token, notify } = notifications({ clientId, clientSecret, gatewayPublicKey, onPayment })
app.post('/authorization/v1/access-token/b2b', token)
app.post('/v1.0/debit/notify', notify)
app.listen(process.env.PORT ?? 4030, (error) => {
  if (error === undefined) return console.log('Listening')
  console.error(error.message) // such as a port that is taken
  process.exit(1)
})
