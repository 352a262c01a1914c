/** What the gateway calls at a listener, by the purpose of each URL. */
export const LISTEN_PATHS = {
  token: '/authorization/v1/access-token/b2b',
  notification: '/v1.0/debit/notify',
  binding: '/v1.0/binding/notify',
} as const

export type ListenPurpose = keyof typeof LISTEN_PATHS

/** The URLs of a listener on that port of this machine. */
export function listenUrls(
  port: number,
): readonly { readonly purpose: ListenPurpose; readonly url: string }[] {
  return (Object.keys(LISTEN_PATHS) as ListenPurpose[]).map((purpose) => ({
    purpose,
    url: `http://127.0.0.1:${port}${LISTEN_PATHS[purpose]}`,
  }))
}
