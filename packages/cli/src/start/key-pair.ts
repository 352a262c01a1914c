import { createPrivateKey, createPublicKey, generateKeyPair } from 'node:crypto'
import { promisify } from 'node:util'
import { readOwnFile, replaceFile } from './files.ts'

export interface KeyPairFiles {
  privateFile: string
  publicFile: string
}

/** Whether the file holds a usable private key. */
export async function hasPrivateKey(privateFile: string): Promise<boolean> {
  return (await loadPrivateKey(privateFile)) !== undefined
}

/** Keeps the RSA 2048 pair of the two PEM files; makes it when there is none, or only a part of one. */
export async function ensureKeyPair({ privateFile, publicFile }: KeyPairFiles): Promise<void> {
  const existing = await loadPrivateKey(privateFile)
  const privateKey = existing ?? (await promisify(generateKeyPair)('rsa', { modulusLength: 2048 })).privateKey
  if (!existing)
    await replaceFile(privateFile, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), 0o600)
  const publicPem = createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString()
  if ((await readOwnFile(publicFile, 0o644)) !== publicPem) await replaceFile(publicFile, publicPem, 0o644)
}

async function loadPrivateKey(file: string) {
  const pem = await readOwnFile(file, 0o600)
  if (pem === undefined) return undefined
  try {
    return createPrivateKey(pem)
  } catch {
    return undefined
  }
}
