import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CHANNELS, findChannel, openChannels } from './index.ts'

const network = { url: 'http://127.0.0.1:1', key: undefined, connections: 1 }
const all = openChannels({ opened: undefined, network, urls: {} })
const named = (asked: Parameters<typeof findChannel>[1], channels = all) =>
  findChannel(channels, asked)?.profile.name
const KKI = 'KARTU_KREDIT_INDONESIA_SNAP'
const nameless = { name: undefined, chargeToken: undefined }

test('a channel is found by its name or alias, however it is written', () => {
  for (const { profile } of CHANNELS)
    for (const name of [profile.name, profile.name.toLowerCase(), ...profile.aliases])
      assert.equal(named({ ...nameless, name }), profile.name)
  assert.equal(named({ ...nameless, name: 'EMONEY_NOBODY_SNAP' }), undefined)
})

test('no name belongs to two channels', () => {
  const names = CHANNELS.flatMap(({ profile }) => [profile.name, ...profile.aliases])
  assert.equal(new Set(names).size, names.length)
  assert.equal(new Set(CHANNELS.map(({ slug }) => slug)).size, CHANNELS.length)
})

test('without a name only a CPAN and a kept card lead anywhere, and never to a bank', () => {
  assert.equal(named({ ...nameless, chargeToken: '9360000220000000011' }), KKI)
  assert.equal(named({ ...nameless, keepsCards: true }), KKI)
  assert.equal(named({ ...nameless, chargeToken: '4616990000007801' }), undefined)
  assert.equal(named(nameless), undefined)
  const banks = openChannels({ opened: ['cimb', 'bri'], network, urls: {} })
  assert.equal(named({ ...nameless, keepsCards: true }, banks), undefined)
})

test('only what was asked for is opened, in the order of the list', () => {
  const opened = openChannels({ opened: ['ovo', 'kki'], network, urls: {} })
  assert.deepEqual(
    opened.map(({ profile }) => profile.name),
    [KKI, 'EMONEY_OVO_SNAP'],
  )
  assert.throws(() => openChannels({ opened: ['kkl'], network, urls: {} }), /no channel kkl/)
  assert.throws(() => openChannels({ opened: [], network, urls: { cimp: 'http://x' } }), /no channel cimp/)
})

test('a channel offers what its profile says', () => {
  for (const { profile, ...channel } of all) {
    assert.equal(channel.bindings !== undefined, profile.binding !== undefined, profile.name)
    assert.equal(channel.refunds !== undefined, profile.refund !== undefined, profile.name)
    assert.equal(channel.balances !== undefined, profile.hasBalance, profile.name)
    if (profile.isCancellable) assert.ok(channel.cancellations, profile.name)
    if (profile.payment.flows.includes('H2H') && profile.payment.shape === 'debit')
      assert.ok(channel.confirmations, profile.name)
    assert.equal(profile.binding?.kind === 'card', profile.binding?.cardNumber !== undefined, profile.name)
  }
})
