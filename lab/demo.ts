// Command: the demonstration. As root a small network is built and flooded, else a generated capture is replayed.

import { parseArgs } from 'node:util'
import { runCommand } from './arguments.ts'
import { DemoFolder } from './demo/demo-folder.ts'
import { demonstrateLive } from './demo/live.ts'
import { demonstrateReplay } from './demo/replay.ts'
import { tell } from './demo/tell.ts'

const USAGE = `node lab/demo.ts [--replay]
  --replay   replay a capture, also as root`

// With handlers of its own a signal ends the process in order, which removes the network and the folder.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1))

await runCommand(USAGE, async () => {
  const { values } = parseArgs({ options: { replay: { type: 'boolean', default: false } } })
  using folder = new DemoFolder()
  if (values.replay) await demonstrateReplay(folder)
  else if (process.getuid?.() === 0) await demonstrateLive(folder)
  else {
    tell('Without root there is no network to build: a generated capture is replayed instead.')
    await demonstrateReplay(folder)
  }
})
