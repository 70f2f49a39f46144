// Command: reads metrics pages from within a namespace. A line on stdin is an address, a line on stdout is the page in JSON.

import { createInterface } from 'node:readline'

const ANSWER_MILLISECONDS = 5000

for await (const url of createInterface({ input: process.stdin })) {
  const page = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MILLISECONDS) })
    .then(answer => answer.text())
    .catch(() => '')
  process.stdout.write(`${JSON.stringify(page)}\n`)
}
