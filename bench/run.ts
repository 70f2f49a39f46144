// Command: runs all benches, or those that are named, one after the other, and says on what machine.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { hasFastnetmon } from './fastnetmon.ts'
import { loadLine, machineLine } from './machine.ts'

const USAGE = `npm run bench [-- NAME...] [-- --quick]
  decode      decoding a frame, by kind of packet
  counters    counting from a ring in memory, by kind of packet and number of hosts
  tick        the pass over the counters, by number of hosts
  replay      a capture file at full speed
  end-to-end  start, memory and end of the whole program (root)
  latency     from the first packet of a flood to the script (root)
  capture     live capture, beside FastNetMon on the same traffic (root)
  --quick     fewer and shorter rounds: shows that all is in place, the figures are rough`

interface Bench {
  readonly file: URL
  /** Namespaces and live capture need root. */
  readonly isLive: boolean
}

/** In the order they run: those that need a quiet processor most come first. */
const BENCHES: Readonly<Record<string, Bench>> = {
  decode: { file: new URL('./decode.ts', import.meta.url), isLive: false },
  counters: { file: new URL('./counters.ts', import.meta.url), isLive: false },
  tick: { file: new URL('./tick.ts', import.meta.url), isLive: false },
  replay: { file: new URL('./replay.ts', import.meta.url), isLive: false },
  'end-to-end': { file: new URL('./end-to-end.ts', import.meta.url), isLive: true },
  latency: { file: new URL('./latency.ts', import.meta.url), isLive: true },
  capture: { file: new URL('./capture.ts', import.meta.url), isLive: true },
}

const { values, positionals } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
  allowPositionals: true,
})
const unknown = positionals.find(name => !Object.hasOwn(BENCHES, name))
if (values.help) say(USAGE)
else if (unknown === undefined) {
  await runAll(positionals.length === 0 ? Object.keys(BENCHES) : positionals)
} else {
  process.stderr.write(`there is no bench ${unknown}\n\n${USAGE}\n`)
  process.exitCode = 2
}

async function runAll(names: readonly string[]): Promise<void> {
  say(machineLine())
  if (!hasFastnetmon() && names.some(name => BENCHES[name]?.isLive))
    say('FastNetMon is not installed: its rows and the ratios to it are left out.')
  for (const name of names) {
    const bench = BENCHES[name]
    if (bench?.isLive && process.getuid?.() !== 0) say(`\n${name}: skipped, needs root`)
    else if (bench) await runBench(name, bench)
  }
}

/** Each bench has a process of its own: what one has warmed up or filled does not reach the next. */
async function runBench(name: string, { file }: Bench): Promise<void> {
  const load = loadLine()
  const argv = [file.pathname, ...(values.quick ? ['--quick'] : [])]
  const child = spawn(process.execPath, argv, { stdio: 'inherit' })
  const [code] = await once(child, 'exit')
  say(`${name}: ${load} before, ${loadLine()} after`)
  if (code === 0) return
  say(`${name}: FAILED`)
  process.exitCode = 1
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
