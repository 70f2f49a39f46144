// Command: runs all benches, or those that are named, one after the other, and says on what machine.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { engineFlags } from './engine-flags.ts'
import { hasFastnetmon } from './fastnetmon.ts'
import { isQuiet, loadLine, machineLine } from './machine.ts'
import { myTurn } from './one-at-a-time.ts'
import { BENCH_OPTIONS, minutesOf } from './options.ts'
import { entriesOf, RECORD_VARIABLE, type RecordEntry } from './record.ts'

const USAGE = `npm run bench [-- NAME...] [-- --quick] [-- --json FILE]
  decode      decoding a frame, by kind of packet
  flow-decode records of NetFlow and IPFIX in memory, by kind
  counters    counting from a ring in memory, by kind of packet and number of hosts
  tick        the pass over the counters, by number of hosts
  flowspec    FlowSpec rules written, read, matched and printed
  distill     rules distilled from labelled mixtures of floods and honest traffic, and how long it takes
  inventory   looking up addresses and prefixes in an inventory of 100,000
  api         events of foreign detectors by HTTP, to the disk, on SQLite and PostgreSQL
  mitigation-list
              pages of 10,000 live mitigations over the API
  live        500 clients of the live feed over WebSockets
  web         the console in Chromium: weight, first paint, a long table, hours open
  reconcile   rules and routes told to a real gobgpd, and put right there (root)
  detection   time to ban by vector, bans of honest traffic, replayed in both modes
  replay      a capture file at full speed
  end-to-end  start, memory and end of the whole program (root)
  memory      a million hosts, a /8 without traffic, 65,536 idle hosts (root)
  latency     from the first packet of a flood to the script; honest traffic (root)
  flows       flow telemetry over loopback, beside FastNetMon and nfcapd (root)
  flow-latency
              from the first datagram about a flood to the script (root)
  kinds       what tags, fragments and IPv6 cost more than plain IPv4 (root)
  protection  floods dropped by each countermeasure of nftables; long lists applied and removed (root)
  protection-delay
              from the first packet of a flood until the ACL of its victim's profile is on (root)
  routes      from a flood to the route in a real router's kernel; many routes and rules in its table (root)
  resolver    a resolver under attack: who is answered, with rules, a blackhole and nothing (root)
  capture     live capture, beside FastNetMon on the same traffic (root)
  --quick     fewer and shorter rounds: shows that all is in place, the figures are rough
  --json FILE write all rows and gates there too
  --benign-live-minutes N
              latency: honest traffic to live detectors for so long, bans counted (default 0: none)`

interface Bench {
  readonly file: URL
  /** Namespaces and live capture need root. */
  readonly isLive: boolean
}

/** In the order they run: those that need a quiet processor most come first. */
const BENCHES: Readonly<Record<string, Bench>> = {
  decode: { file: new URL('./decode.ts', import.meta.url), isLive: false },
  'flow-decode': { file: new URL('./flow-decode.ts', import.meta.url), isLive: false },
  counters: { file: new URL('./counters.ts', import.meta.url), isLive: false },
  tick: { file: new URL('./tick.ts', import.meta.url), isLive: false },
  flowspec: { file: new URL('./flowspec.ts', import.meta.url), isLive: false },
  distill: { file: new URL('./distill.ts', import.meta.url), isLive: false },
  inventory: { file: new URL('./inventory.ts', import.meta.url), isLive: false },
  api: { file: new URL('./api.ts', import.meta.url), isLive: false },
  'mitigation-list': { file: new URL('./mitigation-list.ts', import.meta.url), isLive: false },
  live: { file: new URL('./live.ts', import.meta.url), isLive: false },
  web: { file: new URL('./web.ts', import.meta.url), isLive: false },
  reconcile: { file: new URL('./reconcile.ts', import.meta.url), isLive: true },
  detection: { file: new URL('./detection.ts', import.meta.url), isLive: false },
  replay: { file: new URL('./replay.ts', import.meta.url), isLive: false },
  'end-to-end': { file: new URL('./end-to-end.ts', import.meta.url), isLive: true },
  memory: { file: new URL('./memory.ts', import.meta.url), isLive: true },
  latency: { file: new URL('./latency.ts', import.meta.url), isLive: true },
  flows: { file: new URL('./flows.ts', import.meta.url), isLive: true },
  'flow-latency': { file: new URL('./flow-latency.ts', import.meta.url), isLive: true },
  kinds: { file: new URL('./kinds.ts', import.meta.url), isLive: true },
  protection: { file: new URL('./protection.ts', import.meta.url), isLive: true },
  'protection-delay': { file: new URL('./protection-delay.ts', import.meta.url), isLive: true },
  routes: { file: new URL('./routes.ts', import.meta.url), isLive: true },
  resolver: { file: new URL('./resolver.ts', import.meta.url), isLive: true },
  capture: { file: new URL('./capture.ts', import.meta.url), isLive: true },
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
/** No further bench begins after a signal. */
let isBrokenOff = false

/** One bench as it ran. */
interface Ran {
  readonly bench: string
  readonly loadBefore: string
  readonly loadAfter: string
  readonly isWhole: boolean
  readonly entries: readonly RecordEntry[]
}

const { values, positionals } = parseArgs({
  options: { ...BENCH_OPTIONS, json: { type: 'string' }, help: { type: 'boolean', default: false } },
  allowPositionals: true,
})
const unknown = positionals.find(name => !Object.hasOwn(BENCHES, name))
if (values.help) say(USAGE)
else if (unknown === undefined) {
  minutesOf(values['benign-live-minutes'])
  await using _turn = await myTurn(() => say('another run of benches is under way: waiting for its end'))
  await runAll(positionals.length === 0 ? Object.keys(BENCHES) : positionals)
} else {
  process.stderr.write(`there is no bench ${unknown}\n\n${USAGE}\n`)
  process.exitCode = 2
}

async function runAll(names: readonly string[]): Promise<void> {
  say(machineLine())
  if (!hasFastnetmon() && names.some(name => BENCHES[name]?.isLive))
    say('FastNetMon is not installed: its rows and the ratios to it are left out.')
  const ran: Ran[] = []
  for (const name of names) {
    if (isBrokenOff) break
    const bench = BENCHES[name]
    if (bench?.isLive && process.getuid?.() !== 0) say(`\n${name}: skipped, needs root`)
    else if (bench) ran.push(await runBench(name, bench))
    // After each one: what there is outlives a run that is broken off.
    if (values.json !== undefined) writeFileSync(values.json, `${documentOf(ran)}\n`)
  }
}

function documentOf(benches: readonly Ran[]): string {
  return JSON.stringify({ machine: machineLine(), quick: values.quick, benches }, undefined, 2)
}

/**
 * Each bench has a process of its own, with the product's flags: what one has warmed up or filled does not reach the
 * next. It also has a folder of its own for temporary files, which goes with it however it ends.
 */
async function runBench(name: string, { file }: Bench): Promise<Ran> {
  const loadBefore = loadLine()
  say(`\n${name}: ${loadBefore} before`)
  if (!isQuiet())
    say(`${name}: WARNING: the machine is not quiet, the figures will be worse than they could be`)
  const scratch = mkdtempSync(join(tmpdir(), 'floodwarden-bench-'))
  // PostgreSQL gives up root, and its folder is inside.
  chmodSync(scratch, 0o711)
  try {
    const log = join(scratch, 'record')
    const isWhole = await runProgram([...engineFlags(), file.pathname, ...optionsOf(name)], {
      ...process.env,
      TMPDIR: scratch,
      [RECORD_VARIABLE]: log,
    })
    const loadAfter = loadLine()
    say(isWhole ? `${name}: ${loadAfter} after` : `${name}: FAILED`)
    if (!isWhole) process.exitCode = 1
    const entries = existsSync(log) ? entriesOf(readFileSync(log, 'utf8')) : []
    return { bench: name, loadBefore, loadAfter, isWhole, entries }
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

function optionsOf(name: string): string[] {
  const live = name === 'latency' ? ['--benign-live-minutes', values['benign-live-minutes']] : []
  return [...(values.quick ? ['--quick'] : []), ...live]
}

/** Whether it ended well. A signal to us goes to it, so that it takes down what it has built. */
async function runProgram(argv: readonly string[], environment: NodeJS.ProcessEnv): Promise<boolean> {
  const child = spawn(process.execPath, argv, { stdio: 'inherit', env: environment })
  const pass = (signal: NodeJS.Signals): void => {
    child.kill(signal)
    isBrokenOff = true
  }
  for (const signal of SIGNALS) process.on(signal, pass)
  const [code] = await once(child, 'exit')
  for (const signal of SIGNALS) process.off(signal, pass)
  return code === 0
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
