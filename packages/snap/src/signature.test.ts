import assert from 'node:assert/strict'
import { createPublicKey, createSecretKey, generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import { asymmetricVectors, mistakeVectors, readKey, symmetricVectors } from '../test/vectors.ts'
import { STRICT_FORMS } from './json-text.ts'
import {
  readPublicKey,
  type SignedRequest,
  signAsymmetric,
  signSymmetric,
  verifyAsymmetric,
  verifySymmetric,
} from './signature.ts'
import {
  asymmetricStringToSign,
  hashBody,
  symmetricStringToSign,
  tokenStringToSign,
} from './string-to-sign.ts'

const { mistakes, sentBody, ...addressed } = mistakeVectors
const k1 = { ...addressed, body: Buffer.from(sentBody) }
const k1Vector = symmetricVectors.find(({ name }) => name === 'K1')
const k1Signature = k1Vector?.signature ?? ''

test('we sign what openssl and the official libraries sign', () => {
  assert.equal(symmetricVectors.length, 9)
  for (const vector of symmetricVectors) {
    assert.equal(hashBody(vector.signedBody), vector.bodyHash, vector.name)
    assert.equal(symmetricStringToSign(vector), vector.stringToSign, vector.name)
    assert.equal(signSymmetric(vector.secret, vector.stringToSign), vector.signature, vector.name)
  }
})

test('every way in which a signed body travels is accepted under its own name', () => {
  for (const vector of symmetricVectors) {
    for (const { about, body, bodyHash, form } of vector.sentAs) {
      assert.equal(hashBody(body), bodyHash, about)
      assert.equal(verifySymmetric({ ...vector, body: Buffer.from(body) }), form, `${vector.name} ${about}`)
    }
  }
})

test('the secret may be an imported key', () => {
  const secret = createSecretKey(Buffer.from(k1.secret))
  assert.equal(verifySymmetric({ ...k1, secret, signature: k1Signature }), 'minified')
})

test('by the letter of the standard every one of the 22 mistakes is refused', () => {
  assert.equal(mistakes.length, 22)
  assert.equal(verifySymmetric({ ...k1, signature: k1Signature, forms: STRICT_FORMS }), 'minified')
  for (const { name, signature } of mistakes) {
    assert.equal(verifySymmetric({ ...k1, signature, forms: STRICT_FORMS }), undefined, name)
  }
})

/*
 * Official libraries hash the bytes that they send, or an ASCII spelling of them, where the standard says
 * "minified": M01 and M06 are theirs. Both decode to the very document that arrived, so accepting them lets
 * nothing through that its sender did not sign. All other mistakes stay mistakes.
 */
test('of the 22 mistakes only the two that sign a spelling of the same document are tolerated', () => {
  for (const { name, signature, tolerated } of mistakes) {
    assert.equal(verifySymmetric({ ...k1, signature }) ?? null, tolerated, name)
  }
  assert.deepEqual(
    mistakes.filter(({ tolerated }) => tolerated).map(({ name, tolerated }) => [name, tolerated]),
    [
      ['M01', 'raw'],
      ['M06', 'ascii'],
    ],
  )
})

test('a change of anything that is signed is noticed', () => {
  const changes: Partial<SignedRequest>[] = [
    { secret: `${k1.secret} ` },
    { method: 'PUT' },
    { target: `${k1.target}?a=1` },
    { accessToken: 'other' },
    { timestamp: '2026-05-26T10:00:01+07:00' },
    { body: Buffer.from(sentBody.replace('10000.00', '10000.01')) },
    { body: Buffer.from(sentBody.replace('kopi', 'kopi ')) },
    { body: Buffer.from('') },
  ]
  for (const change of changes) {
    assert.equal(
      verifySymmetric({ ...k1, signature: k1Signature, ...change }),
      undefined,
      JSON.stringify(change),
    )
  }
})

test('a signature has one spelling: base64 with padding, nothing around it', () => {
  const others = [
    '',
    k1Signature.replace(/=+$/, ''),
    k1Signature.replaceAll('+', '-').replaceAll('/', '_'),
    ` ${k1Signature}`,
    `${k1Signature}\n`,
    k1Signature.toLowerCase(),
    // The last digit before the padding carries four bits that no byte uses.
    k1Signature.replace(/.==$/, (end) => `${String.fromCharCode(end.charCodeAt(0) + 1)}==`),
    `${k1Signature}${k1Signature}`,
    Buffer.from(k1Signature, 'base64').toString('hex'),
  ]
  for (const signature of others) {
    assert.notEqual(signature, k1Signature)
    assert.equal(verifySymmetric({ ...k1, signature }), undefined, signature)
  }
})

test('two members of one name are never tolerated under a re-encoding', () => {
  const twice = '{"a":"<","a":"é"}'
  const bodyHash = hashBody('{"a":"\\u003c","a":"é"}')
  const signature = signSymmetric(k1.secret, symmetricStringToSign({ ...addressed, bodyHash }))
  assert.equal(verifySymmetric({ ...k1, body: Buffer.from(twice), signature }), undefined)
})

test('RSA signatures are those of openssl, and are accepted from PEM and key object', () => {
  assert.equal(asymmetricVectors.length, 6)
  for (const { name, key, text, signature } of asymmetricVectors) {
    const publicPem = readKey(key, 'public')
    assert.equal(signAsymmetric(readKey(key, 'private'), text), signature, name)
    assert.equal(verifyAsymmetric(publicPem, text, signature), true, name)
    assert.equal(verifyAsymmetric(createPublicKey(publicPem), text, signature), true, name)
    assert.equal(verifyAsymmetric(publicPem, `${text} `, signature), false, name)
    assert.equal(verifyAsymmetric(publicPem, text, signature.slice(0, -1)), false, name)
    assert.equal(verifyAsymmetric(publicPem, text, ''), false, name)
  }
})

test("another partner's key accepts nothing", () => {
  for (const { key, text, signature } of asymmetricVectors) {
    const other = key === 'throw-away-a' ? 'throw-away-b' : 'throw-away-a'
    assert.equal(verifyAsymmetric(readKey(other, 'public'), text, signature), false)
  }
})

test('the asymmetric texts are put together as signed', () => {
  const texts = new Map(asymmetricVectors.map(({ name, text }) => [name, text]))
  assert.equal(tokenStringToSign('BRN-0211-1696919651918', '2020-12-21T07:56:11.000Z'), texts.get('A1'))
  const notification = symmetricVectors.find(({ name }) => name === 'S4')
  assert.ok(notification)
  assert.equal(asymmetricStringToSign({ ...notification, method: 'post' }), texts.get('T1'))
})

test('a public key is read from SPKI and PKCS#1, with armour and without', () => {
  const key = createPublicKey(readKey('throw-away-a', 'public'))
  for (const type of ['spki', 'pkcs1'] as const) {
    const pem = key.export({ type, format: 'pem' }).toString()
    const bare = pem.replace(/-----.*-----\n/g, '')
    for (const text of [pem, bare, bare.replaceAll('\n', '')]) assert.ok(readPublicKey(text).equals(key))
  }
})

test('an unusable key is refused with its reason and without its text', () => {
  const small = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey
  const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey
  const pem = (key: typeof small) => key.export({ type: 'spki', format: 'pem' }).toString()
  assert.throws(() => readPublicKey(pem(small)), /at least 2048 bits is expected, not 1024/)
  assert.throws(() => readPublicKey(pem(curve)), /RSA key is expected, not ec/)
  assert.throws(() => readPublicKey(readKey('throw-away-a', 'private')), /^Error: this is a private key/)
  assert.throws(() => readPublicKey('nothing of the kind'), /^Error: not a public key/)
  assert.throws(() => verifyAsymmetric(small, 'text', ''), /at least 2048/)
  assert.throws(() => verifyAsymmetric(createSecretKey(Buffer.from('x')), 'text', ''), /not a secret one/)
})
