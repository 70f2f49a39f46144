// The verb replay: a capture file in, attacks with their reports and script calls out. Same file, same words.

import { OUTCOME } from '#2-decode/sample.ts'
import { prefixesOf } from '#3-traffic/hostgroup.ts'
import { DIRECTIONS } from '#3-traffic/totals.ts'
import { type Burst, burstText } from '#4-detection/burst-notes.ts'
import { AttackCounts } from '#4-detection/metrics.ts'
import { proposedText } from '#5-evidence/distill/proposed-rules.ts'
import { findingText, type Report, reportOf } from '#5-evidence/report.ts'
import { reportJson } from '#5-evidence/report-json.ts'
import { banText, detailsText } from '#5-evidence/report-text.ts'
import { DecisionCounts } from '#6-policy/metrics.ts'
import { MitigationLedger } from '#7-mitigation/mitigation-ledger.ts'
import { DryRun } from '#8-enforcement/dry-run/driver.ts'
import { NotifyScript } from '#8-enforcement/notify-script/driver.ts'
import { SILENT } from '#lib/log/logger.ts'
import { ActionDesk } from '../action-desk.ts'
import { AttackBook, type AttackEntry } from '../attack-book.ts'
import { AttackStory } from '../attack-story.ts'
import type { ResolvedConfig } from '../config/config.ts'
import { formatProblem } from '../config/format-problem.ts'
import { loadConfig } from '../config/load.ts'
import { presentBurst } from '../explain-host.ts'
import { Recorder } from '../replay/recorder.ts'
import { type ReplayResult, ReplayRun } from '../replay/replay-run.ts'
import { telemetryPorts } from '../replay/telemetry-replay.ts'
import { scriptOptionsOf } from '../script-options.ts'

export interface ReplayOptions {
  readonly file: string
  readonly config: string | undefined
  readonly networks: readonly string[] | undefined
  readonly detection: 'budget' | 'plain' | undefined
  readonly speed: 'full' | 'recorded' | number
  /** Program to call for each event; `undefined`: none is called, the calls are told. */
  readonly script: string | undefined
  /** Take datagrams to the usual ports of exporters as telemetry, when the configuration names no ports. */
  readonly telemetry: boolean
  /** Tell which rules are proposed; facts tell always. */
  readonly rules: boolean
  readonly json: boolean
}

interface Output {
  out(text: string): void
  err(text: string): void
}

/** Exit code 0 when the whole file was read, 1 when the configuration or the file is refused or broken. */
export async function replay(options: ReplayOptions, output: Output): Promise<number> {
  const { networks, detection } = options
  const loaded = loadConfig({ file: options.config, overrides: { networks, detection } })
  for (const problem of loaded.problems) {
    if (problem.severity !== 'notice') output.err(`${formatProblem(problem)}\n`)
  }
  if (loaded.kind === 'refused') return 1
  const stage = new ReplayStage(options, loaded.config)
  const began = performance.now()
  const result = await stage.run()
  const seconds = (performance.now() - began) / 1000
  output.err(`${speedText(result, seconds)}\n`)
  output.out(options.json ? `${JSON.stringify(stage.facts(result), null, 2)}\n` : stage.text(result))
  if (result.problem === undefined) return 0
  const { kind, at, reason } = result.problem
  output.err(`${options.file}: ${kind} at byte ${at}: ${reason}\n`)
  return 1
}

/** The parts of the daemon that a replay needs, without clock and network. */
class ReplayStage {
  readonly #config: ResolvedConfig
  readonly #run: ReplayRun
  readonly #book = new AttackBook()
  readonly #recorder: Recorder
  readonly #tellsRules: boolean
  readonly #script: NotifyScript | undefined
  #nowMs = 0

  constructor(options: ReplayOptions, config: ResolvedConfig) {
    this.#config = config
    this.#tellsRules = options.rules
    const scriptOptions = scriptOptionsOf(config, process.env)
    this.#recorder = new Recorder(scriptOptions, () => this.#nowMs)
    this.#script = options.script === undefined ? undefined : new NotifyScript(scriptOptions, SILENT)
    const desk = this.#desk(options.script)
    const story = new AttackStory({ desk, book: this.#book, counts: new AttackCounts(), log: SILENT })
    this.#run = new ReplayRun({
      file: options.file,
      config,
      factor: factorOf(options.speed),
      telemetryPorts: telemetryPorts(config, options.telemetry),
      tell: async (events, now) => {
        this.#nowMs = now.wallMs
        story.tell(events)
        await desk.settled()
      },
    })
  }

  #desk(script: string | undefined): ActionDesk {
    const config = this.#config
    const configured = config.enforcement.notifyScript.path
    return new ActionDesk({
      store: new MitigationLedger(),
      enforcers: [this.#script ?? this.#recorder],
      dryRun: script === undefined && configured !== undefined ? this.#recorder : new DryRun(SILENT),
      maximumSeconds: config.mitigation.maximumSeconds,
      context: {
        networks: prefixesOf(config.networks),
        whitelist: prefixesOf(config.whitelist),
        managementPrefixes: prefixesOf(config.policy.managementPrefixes),
        policy: config.policy,
        armed: config.mitigation.armed || script !== undefined,
        scriptPath: script ?? configured,
        scriptTakesPrefixes: config.enforcement.notifyScript.prefixes,
      },
      counts: new DecisionCounts(),
      log: SILENT,
      now: () => this.#nowMs,
    })
  }

  async run(): Promise<ReplayResult> {
    const result = await this.#run.run()
    await this.#script?.stop(SCRIPT_STOP_MS)
    return result
  }

  facts(result: ReplayResult) {
    const { totals } = this.#run.engine
    return {
      schemaVersion: 1,
      packets: result.packets,
      bytes: result.bytes,
      firstAt: isoText(result.firstAt),
      lastAt: isoText(result.lastAt),
      outcomes: Object.fromEntries(
        Object.entries(OUTCOME).map(([name, outcome]) => [name, totals.outcome(outcome)]),
      ),
      totals: Object.fromEntries(DIRECTIONS.map(direction => [direction, totals.counted(direction)])),
      ...(result.telemetry === undefined ? {} : { telemetry: result.telemetry }),
      attacks: this.#entries().map(entry => ({
        ...reportJson(reportOf(entry)),
        decision: entry.decision,
      })),
      bursts: this.#bursts().map(burst => ({ host: burst.host, ...presentBurst(burst) })),
      calls: this.#recorder.calls.map(call => ({ ...call, at: isoText(call.at) })),
    }
  }

  text(result: ReplayResult): string {
    const { style } = scriptOptionsOf(this.#config, {})
    const entries = this.#entries()
    const head = `${result.packets} packets, ${entries.length} ${entries.length === 1 ? 'attack' : 'attacks'}\n`
    const attacks = entries.map(entry => `\n${attackText(entry, reportOf(entry), style, this.#tellsRules)}`)
    const bursts = this.#bursts().map(
      burst => `\n${isoText(burst.endedAt)} ${burst.host}: ${burstText(burst)}\n`,
    )
    return head + telemetryText(result) + [...attacks, ...bursts].join('')
  }

  /** Crossings that were tolerated, oldest first. */
  #bursts(): readonly Burst[] {
    return this.#run.engine.suspicion.notes.all()
  }

  /** Oldest first: the order in which they happened. */
  #entries(): AttackEntry[] {
    return this.#book.list('all').sort((a, b) => a.attack.openedAt - b.attack.openedAt || byId(a, b))
  }
}

const SCRIPT_STOP_MS = 60_000

/** Counters at the end of an identifier tell attacks of one moment apart. */
function byId(a: AttackEntry, b: AttackEntry): number {
  const number = ({ attack }: AttackEntry) => Number(attack.id.slice(attack.id.lastIndexOf('-') + 1))
  return number(a) - number(b)
}

function attackText(
  entry: AttackEntry,
  report: Report,
  style: Parameters<typeof banText>[1],
  tellsRules: boolean,
): string {
  const { attack, decision } = entry
  const opened = isoText(attack.openedAt)
  const ended =
    attack.state === 'ended' ? `ended ${isoText(attack.endedAt)} (${attack.endedBy})` : 'still open'
  const proposed = tellsRules
    ? proposedLines(entry)
        .map(line => `${line}\n`)
        .join('')
    : ''
  const head = `attack ${attack.id} on ${attack.host}: opened ${opened}, ${ended}\nis: ${findingText(attack.finding)}\nwhy: ${report.why}\n${proposed}${decision}\n`
  const packets = detailsText(report, style).split('\n\n\n').slice(1)
  return [head, banText(report, style), ...packets].map(part => part.replace(/\n*$/, '\n')).join('\n')
}

/** What its packets suggest, with the reasons. */
function proposedLines({ proposed }: AttackEntry): string[] {
  if (proposed === undefined) return ['proposed: nothing, its packets were not looked at']
  const { distilled } = proposed
  const reasons = distilled.kind === 'rules' ? distilled.rules.flatMap(({ because }) => because) : []
  return [`proposed: ${proposedText(proposed)}`, ...reasons.map(reason => `  ${reason}`)]
}

/** What was made of the telemetry in the file; empty when there was none. */
function telemetryText({ telemetry }: ReplayResult): string {
  if (telemetry === undefined || telemetry.datagrams === 0) return ''
  const { datagrams, records, exporters, lostDatagrams, lostRecords, unknownTemplates, cut } = telemetry
  const faults = [
    ...(lostDatagrams > 0 ? [`${lostDatagrams} datagrams lost`] : []),
    ...(lostRecords > 0 ? [`${lostRecords} records lost`] : []),
    ...(unknownTemplates > 0 ? [`${unknownTemplates} sets came before their template`] : []),
    ...(cut > 0 ? [`${cut} datagrams fragmented or cut`] : []),
  ]
  const words = [`${datagrams} datagrams of ${exporters.length} exporters, ${records} records`, ...faults]
  return `flow telemetry: ${words.join(', ')}\n`
}

const isoText = (ms: number | undefined): string | null =>
  ms === undefined ? null : new Date(Math.floor(ms)).toISOString()

const factorOf = (speed: ReplayOptions['speed']): number | undefined =>
  speed === 'full' ? undefined : speed === 'recorded' ? 1 : speed

function speedText({ packets }: ReplayResult, seconds: number): string {
  const rate = seconds > 0 ? packets / seconds / 1e6 : 0
  return `${packets} packets read in ${seconds.toFixed(2)} s (${rate.toFixed(2)} million packets/s)`
}
