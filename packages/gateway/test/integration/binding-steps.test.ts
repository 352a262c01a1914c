import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { CHANNELS } from '../../src/channels/index.ts'
import type { ChannelProfile } from '../../src/channels/profile.ts'
import { bindAccount, newPhone, PIN } from '../account-customer.ts'
import { bind, codeOf, newCard, rowOf } from '../card-customer.ts'
import type { Answer } from '../merchant.ts'
import { Browser } from '../scriptless-browser.ts'
import { openStage, type Stage } from '../stage.ts'

let stage: Stage
before(async () => {
  stage = await openStage({ env: { GERBANG_CHANNELS: CHANNELS.map(({ slug }) => slug).join() } })
})
after(() => stage.close())

/** What a profile wants of a card: a CPAN, all digits or the last four. */
async function numberFor({ binding }: ChannelProfile): Promise<string> {
  const numbers = [await newCard(stage), '4616990000007801', '7801']
  return numbers.find((number) => binding?.cardNumber?.test(number)) ?? ''
}

async function ask(profile: ChannelProfile): Promise<Answer> {
  const additionalInfo = {
    channel: profile.name,
    successRegistrationUrl: 'https://shop.example/kept',
    failedRegistrationUrl: 'https://shop.example/not-kept',
    deviceModel: 'Pixel 9',
    osType: 'android',
    channelId: 'app',
  }
  if (profile.binding?.kind === 'account')
    return bindAccount(stage.merchant, { channel: profile.name, info: additionalInfo })
  return bind(
    stage.merchant,
    {
      cardNumber: await numberFor(profile),
      card: { expiryDate: '1129' },
      body: { phoneNo: newPhone(), additionalInfo },
    },
    { headers: { 'CHANNEL-ID': 'DH' } },
  )
}

for (const { slug, profile } of CHANNELS.filter((one) => one.profile.binding?.flows.includes('DH')))
  test(`${slug}: the page says how many steps there are, and there are as many`, async () => {
    const { body } = await ask(profile)
    assert.ok(body.redirectUrl, JSON.stringify(body))
    const page = await new Browser(body.redirectUrl).get('?language=en')
    if (profile.binding?.isOtpAskedFor) await page.post({ action: 'resend' })
    const steps = () => /Step \d of \d/.exec(page.html)?.[0]
    assert.equal(steps(), profile.binding?.hasPin ? 'Step 1 of 2' : undefined)
    await page.post({ action: 'verify', code: await codeOf(stage, body.referenceNo) })
    if (profile.binding?.hasPin) {
      assert.equal(steps(), 'Step 2 of 2')
      assert.match(page.html, /type="password"/)
      await page.post({ action: 'verify', code: '654321' })
      assert.equal(steps(), 'Step 2 of 2', 'after a wrong PIN')
      await page.post({ action: 'verify', code: PIN })
    }
    assert.equal((await rowOf(stage, body.referenceNo)).state, 'active')
    assert.equal(steps(), undefined)
  })
