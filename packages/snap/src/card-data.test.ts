import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { createCipheriv } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { type CardVector, cardVectors } from '../test/vectors.ts'
import { decryptCardData, encryptCardData } from './card-data.ts'

const CPAN = '9360000200000200001'
const SECRET = 'SK-TestOnly0123456789ab'

function vector(name: string): CardVector {
  const found = cardVectors.find((one) => one.name === name)
  assert.ok(found, name)
  return found
}

/** Any bytes in the pair's form, padded or not, under the SDKs' key. */
function sealed(plaintext: string | Buffer, isPadded = true): string {
  const iv = Buffer.alloc(16, 7)
  const cipher = createCipheriv('aes-128-cbc', SECRET.slice(0, 16), iv).setAutoPadding(isPadded)
  const bytes = Buffer.concat([cipher.update(plaintext), cipher.final()])
  return `${bytes.toString('base64')}|${iv.toString('base64')}`
}

test('we encrypt byte for byte as openssl and the official libraries do', () => {
  const pairs = cardVectors.filter(({ form }) => form === 'pair')
  assert.equal(pairs.length, 4)
  for (const { name, plaintext, sharedKey, ivHex = '', cardData } of pairs) {
    assert.equal(encryptCardData(JSON.parse(plaintext), sharedKey, Buffer.from(ivHex, 'hex')), cardData, name)
  }
})

test('every vector, also those in the form of openssl, gives its card under whichever of the keys fits', () => {
  assert.equal(cardVectors.length, 8)
  for (const { name, plaintext, sharedKey, cardData } of cardVectors) {
    const { bankCardNo } = JSON.parse(plaintext)
    assert.equal(decryptCardData(cardData, [sharedKey])?.cardNumber, bankCardNo, name)
    assert.equal(decryptCardData(cardData, ['other', '', sharedKey])?.cardNumber, bankCardNo, name)
    assert.equal(decryptCardData(cardData, ['other']), undefined, name)
    assert.equal(decryptCardData(cardData, []), undefined, name)
  }
})

test('what is not whole is refused, and always in the same way', () => {
  const [a, b] = [vector('A'), vector('B')]
  const [cipher = '', iv = ''] = a.cardData.split('|')
  const flipped = Buffer.from(cipher, 'base64')
  flipped.writeUInt8(flipped.readUInt8(flipped.length - 1) ^ 1, flipped.length - 1)
  const short = Buffer.from(iv, 'base64').subarray(0, 15).toString('base64')
  const refused = [
    `${flipped.toString('base64')}|${iv}`,
    cipher,
    `${cipher}|${short}`,
    `${cipher}%7C${iv}`,
    `${cipher}|${iv}|${iv}`,
    `${cipher}|`,
    `|${iv}`,
    `${cipher.slice(0, -4)}|${iv}`,
    `${cipher}!|${iv}`,
    '',
    '|',
    'U2FsdGVkX1+',
    'U2FsdGVkX18AAAAAAAAAAA==',
  ]
  for (const text of refused) assert.equal(decryptCardData(text, [a.sharedKey]), undefined, text)
  assert.equal(decryptCardData(a.cardData, [b.sharedKey]), undefined)
})

test('a plaintext that is no card with a number is refused', () => {
  const refused = [
    'not json',
    '[]',
    'null',
    '12',
    '{}',
    '{"bankCardNo":""}',
    '{"bankCardNo":null,"cpan":""}',
    '{"bankCardNo":9360000200000200001}',
    `{"bankCardNo":"${CPAN}","bankCardNo":"9360000801234567890"}`,
    `{"bankCardNo":"${CPAN}"} x`,
  ]
  for (const text of refused) assert.equal(decryptCardData(sealed(text), [SECRET]), undefined, text)
  assert.equal(decryptCardData(sealed(Buffer.from([0x22, 0xff, 0x22])), [SECRET]), undefined)
  assert.ok(decryptCardData(sealed(`{"bankCardNo":"${CPAN}"}`), [SECRET]))
})

test('whole JSON without a padding is refused', () => {
  const card = JSON.stringify({ bankCardNo: CPAN })
  for (const filler of [' ', '\0', '\x11']) {
    const blocks = card.padEnd(48, filler)
    assert.equal(decryptCardData(sealed(blocks, false), [SECRET]), undefined, JSON.stringify(filler))
  }
})

test('both base64 alphabets are read, with padding and without, and in lines', () => {
  for (const { name, cardData, sharedKey } of cardVectors) {
    const spellings = [
      cardData.replaceAll('+', '-').replaceAll('/', '_'),
      cardData.replaceAll('=', ''),
      cardData.replace(/(.{64})/g, '$1\n'),
    ]
    for (const text of spellings) assert.ok(decryptCardData(text, [sharedKey]), `${name} ${text}`)
  }
})

test('a card that was encrypted twice is read, one that was encrypted thrice is not', () => {
  const again = (text: string) => sealed(JSON.stringify(text))
  const once = encryptCardData({ bankCardNo: CPAN }, SECRET)
  assert.equal(decryptCardData(again(once), [SECRET])?.cardNumber, CPAN)
  assert.equal(decryptCardData(again(vector('E').cardData), [SECRET])?.otp, '12345678')
  assert.equal(decryptCardData(again(again(once)), [SECRET]), undefined)
})

test('the longest ciphertext is 4096 bytes, in both forms', () => {
  const bare = JSON.stringify({ bankCardNo: CPAN, email: '' }).length
  const card = (bytes: number) => ({ bankCardNo: CPAN, email: 'x'.repeat(bytes - bare) })
  assert.ok(decryptCardData(encryptCardData(card(4095), SECRET), [SECRET]))
  assert.equal(decryptCardData(encryptCardData(card(4096), SECRET), [SECRET]), undefined)
  const huge = Buffer.concat([Buffer.from('Salted__'), Buffer.alloc(8 + 4112)]).toString('base64')
  assert.equal(decryptCardData(huge, [SECRET]), undefined)
  assert.equal(decryptCardData('A'.repeat(10_000_000), [SECRET]), undefined)
})

test('the names that clients use for one thing are one member, and what is empty is absent', () => {
  const read = (card: object) => decryptCardData(encryptCardData({ ...card }, SECRET), [SECRET])
  for (const name of ['bankCardNo', 'cpan', 'cardNo', 'chargeToken']) {
    assert.deepEqual(read({ [name]: CPAN }), { cardNumber: CPAN })
  }
  assert.deepEqual(
    read({ bankCardNo: '', cpan: CPAN, ott: 12345678, expiredDate: '1229', otp: null, unknown: 'x' }),
    { cardNumber: CPAN, otp: '12345678', expiryDate: '1229' },
  )
  assert.deepEqual(read({ bankCardNo: CPAN, custName: 'Budi é', accountName: 'other', dateOfBirth: '' }), {
    cardNumber: CPAN,
    holderName: 'Budi é',
  })
})

test('whatever is encrypted comes back under its key, and two encryptions of it differ', () => {
  const text = fc.string({ unit: 'binary', maxLength: 200 }).filter((value) => !value.includes('\0'))
  fc.assert(
    fc.property(
      fc.string({ minLength: 1, maxLength: 60 }),
      text,
      fc.stringMatching(/^\d{16,20}$/),
      (...of) => {
        const [key, email, cardNumber] = of
        const sealedOnce = encryptCardData({ bankCardNo: cardNumber, email }, key)
        assert.deepEqual(decryptCardData(sealedOnce, [key]), { cardNumber, ...(email && { email }) })
        assert.notEqual(encryptCardData({ bankCardNo: cardNumber, email }, key), sealedOnce)
      },
    ),
  )
})

test('no text makes the decryption throw, and no random bytes are a card', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => decryptCardData(text, [SECRET]) === undefined),
  )
  const hex = fc.uint8Array({ minLength: 16, maxLength: 64 }).map((bytes) => Buffer.from(bytes))
  fc.assert(
    fc.property(hex, hex, (cipher, iv) => {
      const whole = cipher.subarray(0, cipher.length - (cipher.length % 16)).toString('base64')
      const text = `${whole}|${iv.subarray(0, 16).toString('base64')}`
      return decryptCardData(text, [SECRET]) === undefined
    }),
  )
})

const openssl = spawnSync('openssl', ['version'])

test('openssl reads what we write and we read what openssl writes', (t) => {
  if (openssl.status !== 0) return t.skip('no openssl on this machine: the vectors alone speak for it')
  const card = { bankCardNo: CPAN, otp: '12345678' }
  const [cipher = '', iv = ''] = encryptCardData(card, SECRET).split('|')
  const hex = (text: string, encoding: BufferEncoding) => Buffer.from(text, encoding).toString('hex')
  const key = hex(SECRET.slice(0, 16), 'utf8')
  const opened = execFileSync('openssl', ['enc', '-d', '-aes-128-cbc', '-K', key, '-iv', hex(iv, 'base64')], {
    input: Buffer.from(cipher, 'base64'),
  })
  assert.equal(opened.toString(), JSON.stringify(card))
  for (const form of ['-aes-256-cbc -md md5', '-aes-256-cbc -md sha256', '-aes-128-cbc -md sha256']) {
    const args = ['enc', ...form.split(' '), '-k', SECRET, '-a']
    const written = execFileSync('openssl', args, { input: JSON.stringify(card), stdio: 'pipe' })
    assert.equal(decryptCardData(written.toString(), [SECRET])?.otp, '12345678', form)
  }
})
