import type { Client } from './client.ts'
import { go } from './go.ts'
import { java } from './java.ts'
import { node } from './node.ts'
import { php } from './php.ts'
import { python } from './python.ts'

export const CLIENTS: readonly Client[] = [node, php, go, java, python]
