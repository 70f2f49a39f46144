// Command: a stand-in for a router that enforces FlowSpec. Follows the rules of the gobgpd in this namespace and keeps a
// table of nftables as they say, until it is interrupted.

import { parseArgs } from 'node:util'
import { readInteger, runCommand, UsageError } from './arguments.ts'
import { FlowFollower } from './flowspec/follower.ts'

const USAGE = `node lab/flowspec-nftables.ts [options]
  --host HOST    where gobgpd's API listens (default 127.0.0.1)
  --port N       its port (default 50051)
  --table NAME   the table of nftables, of family inet (default flowspec)

Prints a line of JSON for each change: how many rules there are, and what could not be done.
To be run in a namespace of its own: what the rules say happens to what that namespace forwards.`

const OPTIONS = {
  host: { type: 'string', default: '127.0.0.1' },
  port: { type: 'string', default: '50051' },
  table: { type: 'string', default: 'flowspec' },
} as const

await runCommand(USAGE, async () => {
  const { values } = parseArgs({ options: OPTIONS })
  if (!/^[a-z][a-z0-9_]*$/.test(values.table))
    throw new UsageError(`--table: ${values.table} is no name for a table`)
  const port = readInteger('--port', values.port) ?? 0
  using _follower = new FlowFollower({
    host: values.host,
    port,
    table: values.table,
    tell: report => process.stdout.write(`${JSON.stringify(report)}\n`),
  })
  await new Promise<void>(resolve => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve())
  })
})
