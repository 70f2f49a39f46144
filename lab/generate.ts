// Command: sends a scenario's traffic on a lab's interface and prints what was sent as one line of JSON.

import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { pinThread } from '#lib/linux/affinity.ts'
import {
  readInteger,
  readScenario,
  runCommand,
  SCENARIO_OPTIONS,
  SCENARIO_USAGE,
  UsageError,
} from './arguments.ts'
import { sendInBursts } from './burst-generator.ts'
import { sendSmoothly } from './generator.ts'
import { isLabInterface } from './leftover.ts'
import { scenarioTraffic } from './scenario.ts'

const USAGE = `node lab/generate.ts --interface NAME --scenario NAME [options]
  --interface NAME  a lab's interface in this namespace: the sending end of the cable (smooth),
                    or the receiving end itself (burst)
  --mode MODE       smooth (default): a steady rate through a packet socket
                    burst: the kernel makes the packets, millions a second
  --target-mac MAC  default: nobody's, so the receiving stack drops what it does not capture
  --processor N     keep the generator on this processor
  --stamp FILE      write the time of the first packet (ns since 1970) there before it is sent
${SCENARIO_USAGE}`

const OPTIONS = {
  ...SCENARIO_OPTIONS,
  interface: { type: 'string' },
  mode: { type: 'string', default: 'smooth' },
  'target-mac': { type: 'string' },
  processor: { type: 'string' },
  stamp: { type: 'string' },
} as const

const MODES = { smooth: sendSmoothly, burst: sendInBursts } as const

await runCommand(USAGE, () => {
  const { values } = parseArgs({ options: OPTIONS })
  const { name, changes, seed } = readScenario(values)
  const { interface: interfaceName, mode, stamp } = values
  if (interfaceName === undefined || !isLabInterface(interfaceName)) {
    throw new UsageError('--interface: only interfaces of a lab (fw-…) are sent on')
  }
  if (mode !== 'smooth' && mode !== 'burst')
    throw new UsageError(`--mode: ${mode} is neither smooth nor burst`)
  const processor = readInteger('--processor', values.processor)
  if (processor !== undefined) pinThread([processor])
  const wire = values['target-mac'] === undefined ? {} : { targetMac: values['target-mac'] }
  const onFirst = (nanos: string): void => {
    if (stamp !== undefined) writeFileSync(stamp, `${nanos}\n`)
  }
  const sent = MODES[mode](scenarioTraffic(name, changes), wire, { interface: interfaceName, seed, onFirst })
  process.stdout.write(`${JSON.stringify(sent)}\n`)
})
