import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import type { Merchant } from '../merchant.ts'
import { type NotifiedStage, openNotifiedStage } from '../notified-stage.ts'
import { settlePayments } from '../settled-payments.ts'

const OTHERS = 198
let stage: NotifiedStage
before(async () => {
  stage = await openNotifiedStage({
    env: {
      GERBANG_NOTIFY_PAUSE_AFTER: '3',
      GERBANG_NOTIFY_TIMEOUT_MS: '60000',
      GERBANG_NOTIFY_LONGEST_PAUSE_MS: '3600000',
    },
  })
})
after(() => stage.close())

/** Many servers of one partner, each told by an event of its own channel. Port by port they are endpoints of their own. */
async function openEndpoints(
  merchant: Merchant,
  count: number,
  onTold: (index: number) => number | undefined,
) {
  const servers = await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const server = createServer((request, response) => {
        request.resume()
        request.on('end', () => {
          const status = onTold(index)
          if (status !== undefined) response.writeHead(status).end()
          else setTimeout(() => response.writeHead(200).end(), 29_000).unref()
        })
      })
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      return server
    }),
  )
  const urls = servers.map((server, index) => ({
    purpose: 'notification' as const,
    channel: `CHANNEL_${index}`,
    url: `http://127.0.0.1:${(server.address() as { port: number }).port}/notify`,
  }))
  // Straight into the table: nobody sets a URL for a channel that there is not.
  await stage.query(
    `insert into partner_urls (partner_id, channel, purpose, url)
     select $1, channel, purpose, url from jsonb_to_recordset($2) as u (channel text, purpose text, url text)
     on conflict (partner_id, channel, purpose) do update set url = excluded.url`,
    [merchant.keys.partnerId, JSON.stringify(urls)],
  )
  return {
    close: () => {
      for (const server of servers) {
        server.closeAllConnections()
        server.close()
      }
    },
  }
}

const settleMany = (merchant: Merchant, prefix: string, channels: readonly number[]) =>
  settlePayments(
    stage,
    merchant,
    channels.map((channel, n) => ({
      no: `${prefix}${String(n).padStart(10, '0')}`,
      channel: `CHANNEL_${channel}`,
    })),
  )

const stateOf = async (merchant: Merchant, channel: number) => {
  const [row] = await stage.query<{ failures: number; pauses: number; paused_until: Date | null }>(
    `select e.* from notification_endpoints e join partner_urls u on u.url like e.endpoint || '/%'
      where e.partner_id = $1 and u.partner_id = $1 and u.channel = 'CHANNEL_' || $2`,
    [merchant.keys.partnerId, String(channel)],
  )
  return row
}

test('one endpoint that is dead and one that takes 29 seconds keep none of 198 others waiting', async (context) => {
  const merchant = await stage.addMerchant()
  const toldAt = new Map<number, number[]>()
  let toDead = 0
  const endpoints = await openEndpoints(merchant, OTHERS + 2, (index) => {
    if (index === 0) {
      toDead++
      return 503
    }
    if (index === 1) return undefined
    toldAt.set(index, [...(toldAt.get(index) ?? []), Date.now()])
    return 200
  })
  context.after(endpoints.close)
  await settleMany(
    merchant,
    'D',
    Array.from({ length: 5_000 }, () => 0),
  )
  await settleMany(
    merchant,
    'S',
    Array.from({ length: 500 }, () => 1),
  )
  const until = Date.now() + 10_000
  while (((await stateOf(merchant, 0))?.pauses ?? 0) === 0 && Date.now() < until) await wait(50)
  await wait(500)

  const start = Date.now()
  await settleMany(
    merchant,
    'O',
    Array.from({ length: OTHERS }, (_, n) => 2 + (n % OTHERS)),
  )
  while ([...toldAt.values()].flat().length < OTHERS && Date.now() < start + 20_000) await wait(20)
  const delays = [...toldAt.values()]
    .flat()
    .map((at) => at - start)
    .sort((a, b) => a - b)
  assert.equal(delays.length, OTHERS)
  // Measured at 0.7 s on idle machines; behind either of the two it would be half a minute or for ever.
  const last = delays.at(-1) ?? Number.NaN
  assert.ok(last < 15_000, `the last one waited ${last} ms`)
  assert.ok(toDead < 60, `the dead one was asked ${toDead} times for 5,000 notifications`)
})

test('an endpoint is left in peace after failures in a row, tried by one at a time, and gets everything when it is back', async (context) => {
  const merchant = await stage.addMerchant()
  let status = 503
  let asked = 0
  const endpoints = await openEndpoints(merchant, 1, () => {
    asked++
    return status
  })
  context.after(endpoints.close)
  await settleMany(
    merchant,
    'B',
    Array.from({ length: 100 }, () => 0),
  )
  const until = Date.now() + 10_000
  while (((await stateOf(merchant, 0))?.pauses ?? 0) === 0 && Date.now() < until) await wait(20)
  const paused = await stateOf(merchant, 0)
  assert.equal(paused?.pauses, 1)
  await wait(300)
  const before = asked
  assert.ok(before <= 40, `${before} were under way when it was seen`)

  for (const pauses of [2, 3]) {
    const at = (await stateOf(merchant, 0))?.paused_until?.getTime() ?? 0
    stage.clock.jump(Math.max(0, at - stage.clock.now() + 1))
    const late = Date.now() + 5_000
    while ((await stateOf(merchant, 0))?.pauses !== pauses && Date.now() < late) await wait(20)
    assert.equal(asked, before + pauses - 1, 'one tries')
  }
  const [second, third] = [4_000, 8_000]
  const remaining = ((await stateOf(merchant, 0))?.paused_until?.getTime() ?? 0) - stage.clock.now()
  assert.ok(remaining > second && remaining <= third, `${remaining} ms: each pause is twice as long`)

  status = 200
  stage.clock.jump(remaining + 1)
  await stage.untilThere(merchant, 100 - before - 2, 'delivered')
  assert.deepEqual([(await stateOf(merchant, 0))?.failures, (await stateOf(merchant, 0))?.pauses], [0, 0])
  assert.ok(stage.logged.some((line) => line.includes('endpoint is left in peace')))
  assert.ok(stage.logged.some((line) => line.includes('endpoint is back')))
})

test('an endpoint whose pause is over while nothing is due is told the next thing at once', async (context) => {
  const merchant = await stage.addMerchant()
  let status = 503
  const endpoints = await openEndpoints(merchant, 1, () => status)
  context.after(endpoints.close)
  for (const [index, prefix] of ['P', 'Q', 'R', 'T'].entries()) {
    await settleMany(merchant, prefix, [0])
    // The fourth waits until the first pause is over, and is tried in vain.
    if (index === 3) stage.clock.jump(2_001)
    const rows = await untilAllAttempted(merchant, index + 1)
    assert.ok(rows.every(({ attempts }) => attempts === 1))
  }
  assert.equal((await stateOf(merchant, 0))?.pauses, 2)
  stage.clock.jump(4_001)
  await wait(500)
  status = 200
  await settleMany(merchant, 'U', [0])
  await stage.untilThere(merchant, 1, 'delivered')
})

test('what a living endpoint refuses is no reason to leave it in peace', async (context) => {
  const merchant = await stage.addMerchant()
  const endpoints = await openEndpoints(merchant, 1, () => 404)
  context.after(endpoints.close)
  await settleMany(
    merchant,
    'L',
    Array.from({ length: 20 }, () => 0),
  )
  const rows = await untilAllAttempted(merchant, 20)
  assert.ok(rows.every(({ attempts }) => attempts === 1))
  assert.equal((await stateOf(merchant, 0))?.pauses, 0)
})

async function untilAllAttempted(merchant: Merchant, count: number) {
  const until = Date.now() + 10_000
  for (;;) {
    const rows = await stage.untilThere(merchant, count, 'pending')
    if (rows.every(({ attempts }) => attempts > 0) || Date.now() > until) return rows
    await wait(20)
  }
}
