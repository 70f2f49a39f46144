// The flags that the launcher gives Node: what is measured in memory is compiled as it is in the product.

import { readFileSync } from 'node:fs'
import { assert } from '#lib/assert.ts'
import { LAUNCHER } from './floodwarden.ts'

export function engineFlags(): string[] {
  const script = readFileSync(LAUNCHER, 'utf8')
  const words = script.slice(script.indexOf('\nexec ')).split(/[\s\\]+/)
  const flags = words.filter(word => word.startsWith('--'))
  assert(flags.length > 0, 'the launcher starts Node with flags')
  return flags
}
