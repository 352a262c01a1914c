/** One row per setting: name, kind, default, meaning. The reference page is printed from this table. */
export interface Setting {
  readonly env: string
  readonly kind:
    | 'text'
    | 'secret'
    | 'database'
    | 'integer'
    | 'url'
    | 'choice'
    | 'file'
    | 'keys'
    | 'key'
    | 'list'
    | 'admin-keys'
  readonly fallback?: string
  readonly isOptional?: true
  readonly min?: number
  readonly max?: number
  readonly choices?: readonly string[]
  /** Of a list: what each item is like, and how the page calls that. Also of keys. */
  readonly pattern?: RegExp
  readonly form?: string
  readonly meaning: string
}

export const milliseconds = { kind: 'integer', min: 1, max: 3_600_000 } as const
export const count = { kind: 'integer', min: 1, max: 100_000 } as const
