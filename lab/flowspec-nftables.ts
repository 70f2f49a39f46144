// Command: a stand-in for a router that enforces FlowSpec. Follows the rules of the gobgpd in this namespace and keeps a
// table of nftables as they say, and its kernel's blackholes as announced, until it is interrupted.

import { parseArgs } from 'node:util'
import { parsePrefix } from '#lib/ip/prefix.ts'
import { PrefixSet } from '#lib/ip/prefix-set.ts'
import { readInteger, runCommand, UsageError } from './arguments.ts'
import { BlackholeFollower } from './flowspec/blackholes.ts'
import { FlowFollower } from './flowspec/follower.ts'

const USAGE = `node lab/flowspec-nftables.ts [options]
  --host HOST    where gobgpd's API listens (default 127.0.0.1)
  --port N       its port (default 50051)
  --table NAME   the table of nftables, of family inet (default flowspec)
  --blackholes PREFIXES
                 host routes in these, with the community 65535:666, are dropped by the kernel: a list with commas
                 (default: none)

Prints a line of JSON for each change: how many rules or which blackholes there are, and what could not be done.
To be run in a namespace of its own: what the rules say happens to what that namespace forwards.`

const OPTIONS = {
  host: { type: 'string', default: '127.0.0.1' },
  port: { type: 'string', default: '50051' },
  table: { type: 'string', default: 'flowspec' },
  blackholes: { type: 'string', default: '' },
} as const

await runCommand(USAGE, async () => {
  const { values } = parseArgs({ options: OPTIONS })
  if (!/^[a-z][a-z0-9_]*$/.test(values.table))
    throw new UsageError(`--table: ${values.table} is no name for a table`)
  const networks = values.blackholes === '' ? [] : values.blackholes.split(',').map(networkOf)
  const place = {
    host: values.host,
    port: readInteger('--port', values.port) ?? 0,
    tell: (report: object) => process.stdout.write(`${JSON.stringify(report)}\n`),
  }
  using followers = new DisposableStack()
  followers.use(new FlowFollower({ ...place, table: values.table }))
  if (networks.length > 0)
    followers.use(new BlackholeFollower({ ...place, networks: new PrefixSet(networks) }))
  await new Promise<void>(resolve => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve())
  })
})

function networkOf(text: string) {
  const prefix = parsePrefix(text)
  if (prefix === undefined) throw new UsageError(`--blackholes: ${text} is no prefix`)
  return prefix
}
