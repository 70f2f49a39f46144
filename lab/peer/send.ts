// Command: sends traffic that is given as JSON on a lab's interface, and prints what was sent as one line of JSON.
//
// For traffic that is no scenario of the lab: many hosts at once from one process, each with its exact share.

import { z } from 'zod'
import { runCommand } from '../arguments.ts'
import { sendSmoothly } from '../generator.ts'
import type { TcpFlag } from '../layer.ts'
import type { Traffic } from '../traffic.ts'

const USAGE = 'node lab/peer/send.ts INTERFACE SEED TRAFFIC-AS-JSON'

const ports = z.union([z.int(), z.tuple([z.int(), z.int()])])
const FLAGS = ['fin', 'syn', 'rst', 'psh', 'ack', 'urg'] as const satisfies readonly TcpFlag[]

const trafficSchema = z.strictObject({
  rate: z.number(),
  seconds: z.number(),
  parts: z.array(
    z.strictObject({
      share: z.number(),
      protocol: z.enum(['udp', 'tcp', 'icmp', 'gre']),
      bytes: z.number(),
      sources: z.string(),
      targets: z.string(),
      sourcePort: ports.exactOptional(),
      targetPort: ports.exactOptional(),
      flags: z.array(z.enum(FLAGS)).exactOptional(),
      fragment: z.strictObject({ offset: z.int(), more: z.boolean() }).exactOptional(),
    }),
  ),
}) satisfies z.ZodType<Traffic>

await runCommand(USAGE, () => {
  const [interfaceName = '', seed = '', text = ''] = process.argv.slice(2)
  const traffic = trafficSchema.parse(JSON.parse(text))
  const sent = sendSmoothly(traffic, {}, { interface: interfaceName, seed: Number(seed) })
  process.stdout.write(`${JSON.stringify(sent)}\n`)
})
