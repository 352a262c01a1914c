import { type TestContext, test } from 'node:test'
import { openChannels } from '../../src/channels/index.ts'
import type { ChannelProfile } from '../../src/channels/profile.ts'
import { openChannelStage, type Stage } from './contract-stage.ts'

/** The profile of a channel, which says what it is tested for. Nothing is connected to. */
export function profileOf(slug: string): ChannelProfile {
  const network = { url: 'http://127.0.0.1:1', key: undefined, connections: 1 }
  const [channel] = openChannels({ opened: [slug], network, urls: {} })
  if (channel === undefined) throw new Error(`${slug} names no channel`)
  void channel.close()
  return channel.profile
}

/** One thing that a channel has to do, in front of a simulator of its own. */
export function promise(slug: string, title: string, keep: (stage: Stage, t: TestContext) => Promise<void>) {
  test(`${slug}: ${title}`, async (t) => keep(await openChannelStage(t, slug), t))
}

/** Before it arrives, and after it was done: what a caller cannot tell apart. */
export const LOST_BEFORE = ['drop-before', 'reset'] as const
export const LOST_AFTER = ['drop-after', 'garbage', 'empty'] as const
