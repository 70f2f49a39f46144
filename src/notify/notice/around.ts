// The smallest prefix that holds what is attacked.

import { contains, formatPrefix, type Prefix, parsePrefix, prefixOf } from '#lib/ip/prefix.ts'

/** The smallest prefix around all of them; one that is alone as it is. Nothing when they are of two families. */
export function aroundAll(targets: readonly string[]): string | undefined {
  if (new Set(targets).size === 1) return targets[0] || undefined
  let around: Prefix | undefined
  for (const target of targets) {
    const prefix = parsePrefix(target)
    if (prefix === undefined || (around !== undefined && around.family !== prefix.family)) return undefined
    around = around === undefined ? prefix : widened(around, prefix)
  }
  return around && formatPrefix(around)
}

function widened(around: Prefix, inner: Prefix): Prefix {
  let wider = around
  while (!contains(wider, inner)) wider = prefixOf(wider, Math.min(wider.length, inner.length + 1) - 1)
  return wider
}
