// Command: builds a lab, says what is in it, and keeps it until it is interrupted.

import { parseArgs } from 'node:util'
import { readInteger, runCommand, UsageError } from './arguments.ts'
import { Lab } from './namespace.ts'
import { type LabPlan, mirrorPlan, ROUTER_PLAN } from './plan.ts'

const USAGE = `node lab/hold.ts [options]
  --plan NAME   mirror (default): a generator and a detector
                router: a detector that forwards between outside and inside
  --ports N     mirror ports of the detector (default 1)
  --mtu N       default 1500
  --queues N    queues of each interface (default 1)
  --ipv6        let the namespaces speak IPv6 themselves`

const OPTIONS = {
  plan: { type: 'string', default: 'mirror' },
  ports: { type: 'string', default: '1' },
  mtu: { type: 'string' },
  queues: { type: 'string' },
  ipv6: { type: 'boolean' },
} as const

await runCommand(USAGE, async () => {
  const { values } = parseArgs({ options: OPTIONS })
  const plan = values.plan === 'router' ? ROUTER_PLAN : mirrorPlan(readInteger('--ports', values.ports))
  if (values.plan !== 'router' && values.plan !== 'mirror')
    throw new UsageError(`--plan: there is no plan ${values.plan}`)
  const mtu = readInteger('--mtu', values.mtu)
  const queues = readInteger('--queues', values.queues)
  const changed: LabPlan = {
    ...plan,
    ...(mtu === undefined ? {} : { mtu }),
    ...(queues === undefined ? {} : { queues }),
    ...(values.ipv6 === undefined ? {} : { ipv6: values.ipv6 }),
  }
  await using lab = await Lab.create(changed)
  process.stdout.write(`${JSON.stringify(lab.links, undefined, 2)}\n`)
  const { from, to } = lab.links[0]!
  process.stderr.write(
    [
      '\nSend:',
      `  ip netns exec ${from.namespace} node lab/generate.ts --interface ${from.interface} --scenario mixed`,
      'Watch:',
      `  ip netns exec ${to.namespace} tcpdump -ni ${to.interface}`,
      '\nEnter or Ctrl-C takes the lab down.\n',
    ].join('\n'),
  )
  await interrupted()
})

/** The first line or the end of the input, or a signal. */
function interrupted(): Promise<void> {
  return new Promise(resolve => {
    const done = (): void => {
      process.stdin.destroy()
      resolve()
    }
    process.stdin.once('data', done).once('end', done)
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, done)
  })
}
