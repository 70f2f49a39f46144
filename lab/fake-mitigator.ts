// Command: a server that answers as a MITIGATOR does, for daemons in a namespace. Prints its URL, then each request that changes
// something, as it comes: the wall clock in milliseconds, and the request in words.

import { fakeMitigator } from '#8-enforcement/mitigator/server-for-tests.ts'

const LOOK_MS = 5

const fake = await fakeMitigator({ after: () => {} })
process.stdout.write(`${fake.url}\n`)
let told = 0
setInterval(() => {
  const { changes } = fake
  for (const change of changes.slice(told)) process.stdout.write(`${Date.now()} ${change}\n`)
  told = changes.length
}, LOOK_MS)
