import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { closedPort, emptyFolder, runGerbang } from './run-gerbang.ts'
import { openShop, SECRET, type Shop, snap, writePartner } from './shop.ts'

const PAY = ['pay', '--cpan', '9360000200000200001', '--ott', '12345678', '--amount', '150000']

test('pay pays with the demo partner and prints plain lines', async (t) => {
  const shop = await openShop(t, snap('2005400', 'Successful', { referenceNo: 'REF-1' }))
  const { code, out, err } = await runGerbang([...PAY, '--reference', 'INV-1'], shop)
  assert.equal(code, 0, err)
  assert.match(out, /^Paid\. The money moved\.\n/)
  assert.match(out, /referenceNo +REF-1\n/)
  assert.ok(!out.includes('\u001b'), 'no colour where no person looks')
  assert.ok(!(out + err).includes('9360000200000200001') && !(out + err).includes(SECRET))
  assert.deepEqual(shop.bodies[0]?.amount, { value: '150000.00', currency: 'IDR' })
})

test('a pending payment ends with 0 and names the next command', async (t) => {
  const shop = await openShop(t, snap('2025400', 'Request In Progress'))
  const { code, out } = await runGerbang([...PAY, '--reference', 'INV-2'], shop)
  assert.equal(code, 0)
  assert.match(out, /^Pending\./)
  assert.match(out, /Next: npx gerbang status INV-2/)
  const json = await runGerbang([...PAY, '--json'], shop)
  assert.equal(JSON.parse(json.out).money, 'unknown')
})

test('a refusal ends with 4 and says why and what to do, in words and in JSON', async (t) => {
  const shop = await openShop(t, snap('4035414', 'Insufficient Funds'))
  const plain = await runGerbang(PAY, shop)
  assert.equal(plain.code, 4)
  assert.match(plain.err, /4035414 Insufficient Funds\. .*limit/)
  const json = await runGerbang([...PAY, '--json'], shop)
  assert.equal(json.code, 4)
  const { error } = JSON.parse(json.out)
  assert.deepEqual([error.outcome, error.money], ['insufficientFunds', 'not-moved'])
})

test('a payment that failed is told with the numbers by which one can ask about it', async (t) => {
  const shop = await openShop(t, snap('4035414', 'Insufficient Funds'))
  const plain = await runGerbang(PAY, shop)
  const [, made = ''] = /^ {2}partnerReferenceNo {2}(CLI-\d{13}-[0-9a-f]{8})$/m.exec(plain.err) ?? []
  assert.equal(shop.bodies[0]?.partnerReferenceNo, made, plain.err)
  assert.match(plain.err, /^ {2}externalId {10}\d{36}$/m)
  assert.ok(!plain.err.includes('Next:'), 'the money did not move: there is nothing to ask')
  const json = await runGerbang([...PAY, '--json'], shop)
  assert.match(JSON.parse(json.out).error.partnerReferenceNo, /^CLI-/)

  const broken = await openShop(t, { status: 502, body: {} })
  const silent = await runGerbang([...PAY, '--reference', "it's mine"], broken)
  assert.equal(silent.code, 3)
  assert.match(silent.err, /^No answer from .*: do not pay again\.$/m)
  assert.match(silent.err, /^Next: npx gerbang status 'it'\\''s mine'$/m)
})

test('who waits long is told how to ask later', async (t) => {
  const shop = await openShop(t, { ...snap('2005400', 'Successful'), delayMs: 2_500 })
  const { code, err } = await runGerbang([...PAY, '--reference', 'INV-3'], shop)
  assert.equal(code, 0)
  assert.equal(err, 'Waiting for the network. If you stop now, ask later: npx gerbang status INV-3\n')
})

test('status tells what became of a payment, by any of its numbers', async (t) => {
  const reply = snap('2005500', 'Successful', {
    latestTransactionStatus: '00',
    transactionStatusDesc: 'Success',
  })
  const shop = await openShop(t, reply)
  const plain = await runGerbang(['status', 'INV-1'], shop)
  assert.equal(plain.code, 0, plain.err)
  assert.match(plain.out, /^paid \(money: moved\)/)
  await runGerbang(['status', '--reference-no', 'REF-1'], shop)
  await runGerbang(['status', '--external-id', 'EXT-1', '--json'], shop)
  assert.deepEqual(
    shop.bodies.map(({ serviceCode: _, ...numbers }) => numbers),
    [
      { originalPartnerReferenceNo: 'INV-1' },
      { originalReferenceNo: 'REF-1' },
      { originalExternalId: 'EXT-1' },
    ],
  )
})

test('a question without a number, or about an unknown one, says what to type', async (t) => {
  const shop = await openShop(t, snap('4045501', 'Transaction Not Found'))
  const bare = await runGerbang(['status'], shop)
  assert.equal(bare.code, 2)
  assert.match(bare.err, /^Which payment\?.*\nNext: npx gerbang status <partnerReferenceNo>,/)
  assert.deepEqual(shop.bodies, [], 'nothing was sent')
  const unknown = await runGerbang(['status', 'INV-9'], shop)
  assert.equal(unknown.code, 4)
  assert.match(unknown.err, /^4045501 Transaction Not Found\. The gateway knows no such payment\./)
  assert.match(unknown.err, /^Next: check the number .* npx gerbang status INV-9$/m)
})

test('a question that a busy gateway refuses may be asked again, a wrong one may not', async (t) => {
  const busy = await openShop(t, snap('5005500', 'General Error'))
  const again = await runGerbang(['status', '--external-id', 'EXT-1', '--credentials', demoOf(busy)], busy)
  assert.equal(again.code, 4)
  assert.ok(
    again.err.endsWith(`Next: npx gerbang status --external-id EXT-1 --credentials ${demoOf(busy)}\n`),
  )
  const strict = await openShop(t, snap('4005502', 'Invalid Mandatory Field'))
  assert.ok(!(await runGerbang(['status', 'INV-1'], strict)).err.includes('Next:'))
})

function demoOf({ cwd }: Shop): string {
  return join(cwd, '.gerbang', 'demo-partner.json')
}

test('a gateway that is not there ends with 3, says so once, and names the next command', async (t) => {
  const cwd = await emptyFolder(t)
  const port = await closedPort()
  await writePartner(cwd, `http://127.0.0.1:${port}`)
  const paying = await runGerbang([...PAY, '--reference', 'INV-4'], { cwd })
  assert.equal(paying.code, 3)
  assert.deepEqual(paying.err.split('\n'), [
    `No answer from http://127.0.0.1:${port} (nothing listens there). The payment was not sent.`,
    '  partnerReferenceNo  INV-4',
    paying.err.split('\n')[2],
    'Next: npx gerbang start (in another terminal), then pay again',
    '',
  ])
  const asking = await runGerbang(['status', 'INV-4'], { cwd })
  assert.equal(asking.code, 3)
  assert.equal(
    asking.err,
    [
      `No answer from http://127.0.0.1:${port} (nothing listens there).`,
      '  partnerReferenceNo  INV-4',
      'Next: npx gerbang start (in another terminal), then npx gerbang status INV-4',
      '',
    ].join('\n'),
  )
  const elsewhere = await runGerbang(['status', 'INV-4'], {
    cwd,
    env: { GERBANG_BASE_URL: `http://0.0.0.0:${port}` },
  })
  assert.match(elsewhere.err, /^Next: check the base URL/m)
})

test('credentials may come from the environment or from another file', async (t) => {
  const shop = await openShop(t, snap('2005400', 'Successful'))
  const wrong = { GERBANG_CLIENT_SECRET: 'SK-other' }
  assert.equal((await runGerbang(PAY, { ...shop, env: wrong })).code, 4)
  assert.equal((await runGerbang([...PAY, '--credentials', demoOf(shop)], { ...shop, env: wrong })).code, 0)
})
