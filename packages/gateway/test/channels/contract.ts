import { test } from 'node:test'
import { openChannelStage, type Stage } from './contract-stage.ts'

/** One thing that a channel has to do, in front of a simulator of its own. */
export function promise(slug: string, title: string, keep: (stage: Stage) => Promise<void>) {
  test(`${slug}: ${title}`, async (t) => keep(await openChannelStage(t, slug)))
}

/** Before it arrives, and after it was done: what a caller cannot tell apart. */
export const LOST_BEFORE = ['drop-before', 'reset'] as const
export const LOST_AFTER = ['drop-after', 'garbage', 'empty'] as const
