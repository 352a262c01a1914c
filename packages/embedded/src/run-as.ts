import { stat } from 'node:fs/promises'
import { isAbsent } from './files.ts'

/** The account PostgreSQL runs under; absent when it is simply ours. */
export interface RunAs {
  uid: number
  gid: number
}

const NOBODY = 65_534

/**
 * PostgreSQL refuses to run as root, so root hands it to the owner of an existing cluster, else to `nobody`.
 * Throws when the cluster belongs to somebody whose server we could neither start nor stop.
 */
export async function chooseRunAs(data: string): Promise<RunAs | undefined> {
  const uid = process.getuid?.()
  if (uid === undefined) return undefined
  const owner = await stat(data).catch((error: unknown) => {
    if (isAbsent(error)) return undefined
    throw error
  })
  if (uid === 0)
    return owner && owner.uid !== 0 ? { uid: owner.uid, gid: owner.gid } : { uid: NOBODY, gid: NOBODY }
  if (owner && owner.uid !== uid) {
    throw new Error(
      `${data} belongs to user ${owner.uid}, we are user ${uid}: start as the one who created it`,
    )
  }
  return undefined
}
