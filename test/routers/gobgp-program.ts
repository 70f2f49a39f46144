// Command: a gobgp enforcer in a namespace of its own. Takes a line `announce`, `withdraw`, `reconcile` (each with a list of
// mitigations in JSON), `list` or `sessions` from stdin, and answers each with a line of JSON.

import { createInterface } from 'node:readline'
import type { Mitigation } from '#7-mitigation/mitigation.ts'
import { DEFAULT_MARK } from '#8-enforcement/gobgp/config.ts'
import { Gobgp } from '#8-enforcement/gobgp/driver.ts'
import { SILENT } from '#lib/log/logger.ts'

const settings = {
  address: '127.0.0.1:50051',
  deadlineSeconds: 10,
  listDeadlineSeconds: 10,
  reconcileSeconds: 1,
  orphansAfterSeconds: 0,
  mark: DEFAULT_MARK,
  flowspecOffsets: false,
}
const gobgp = new Gobgp(settings, SILENT)
for await (const line of createInterface({ input: process.stdin })) {
  const space = `${line} `.indexOf(' ')
  const answer = await answerTo(line.slice(0, space), line.slice(space + 1))
  process.stdout.write(`${JSON.stringify(answer)}\n`)
}
await gobgp.stop(1000)

async function answerTo(verb: string, rest: string): Promise<unknown> {
  const all = rest === '' ? [] : (JSON.parse(rest) as Mitigation[])
  switch (verb) {
    case 'announce':
      return Promise.all(all.map(one => gobgp.announce(one)))
    case 'withdraw':
      return Promise.all(all.map(one => gobgp.withdraw(one)))
    case 'reconcile':
      return gobgp.reconcile(all)
    case 'list':
      return gobgp.list()
    default:
      return gobgp.sessions()
  }
}
