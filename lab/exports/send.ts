// Command: sends datagrams of flow export to a port of this namespace's loopback and prints what was sent as one line of JSON.

import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { parsePrefix } from '#lib/ip/prefix.ts'
import { pinThread } from '#lib/linux/affinity.ts'
import { readInteger, runCommand, UsageError } from '../arguments.ts'
import { PROTOCOLS } from './datagrams.ts'
import { sendExports } from './sender.ts'

const USAGE = `node lab/exports/send.ts --protocol NAME --port N [options]
  --protocol NAME   ${PROTOCOLS.join(', ')}
  --port N          UDP port on 127.0.0.1
  --rate N|max      records per second (default max)
  --seconds S       default 4, at most 120
  --target PREFIX   IPv4 addresses the records are for, taken in turn (default 10.10.1.0/24)
  --sampling N      rate that is stated (default 1000)
  --packets N       packets of a record of NetFlow and IPFIX (default 1)
  --duration-ms N   how long such a flow has lasted (default 1000)
  --seed N          the same seed gives the same records (default 1)
  --processor N     keep the generator on this processor
  --stamp FILE      write the time of the first datagram (ns since 1970) there before it is sent`

const SECONDS_MAX = 120

await runCommand(USAGE, () => {
  const { values } = parseArgs({
    options: {
      protocol: { type: 'string' },
      port: { type: 'string' },
      rate: { type: 'string', default: 'max' },
      seconds: { type: 'string', default: '4' },
      target: { type: 'string', default: '10.10.1.0/24' },
      sampling: { type: 'string', default: '1000' },
      packets: { type: 'string', default: '1' },
      'duration-ms': { type: 'string', default: '1000' },
      seed: { type: 'string', default: '1' },
      processor: { type: 'string' },
      stamp: { type: 'string' },
    },
  })
  const protocol = PROTOCOLS.find(name => name === values.protocol)
  if (protocol === undefined) throw new UsageError(`--protocol: one of ${PROTOCOLS.join(', ')}`)
  const prefix = parsePrefix(values.target)
  if (prefix?.family !== 4) throw new UsageError('--target: an IPv4 address or prefix')
  const processor = readInteger('--processor', values.processor)
  if (processor !== undefined) pinThread([processor])
  const { stamp } = values
  const sent = sendExports({
    protocol,
    port: wholeOf('--port', values.port),
    rate: values.rate === 'max' ? 'max' : wholeOf('--rate', values.rate),
    seconds: Math.min(SECONDS_MAX, wholeOf('--seconds', values.seconds)),
    target: Number(prefix.value),
    targets: 2 ** (32 - prefix.length),
    samplingRate: wholeOf('--sampling', values.sampling),
    packets: wholeOf('--packets', values.packets),
    durationMs: wholeOf('--duration-ms', values['duration-ms']),
    seed: wholeOf('--seed', values.seed),
    onFirst: nanos => {
      if (stamp !== undefined) writeFileSync(stamp, `${nanos}\n`)
    },
  })
  process.stdout.write(`${JSON.stringify(sent)}\n`)
})

function wholeOf(option: string, text: string | undefined): number {
  const number = readInteger(option, text)
  if (number === undefined) throw new UsageError(`${option} is needed`)
  return number
}
