// What is written about attacks for people: files, mails, and a word about bans that outlast their time.

import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { Attack, EndedAttack, OpenAttack } from '#4-detection/attack.ts'
import type { FlowSection, PacketRecord } from '#5-evidence/evidence.ts'
import { type Decision, decisionText } from '#6-policy/decide.ts'
import { SteadyMap } from '#lib/hash/steady-map.ts'
import type { Logger } from '#lib/log/logger.ts'
import type { MetricRegistry } from '#lib/metrics/registry.ts'
import type { MailKind, Told, Verdict } from '#notify/email/compose.ts'
import { Mailer } from '#notify/email/mailer.ts'
import { METRICS as MAIL_METRICS } from '#notify/email/metrics.ts'
import { AttackFiles } from './attack-files/attack-files.ts'
import { METRICS as FILE_METRICS } from './attack-files/metrics.ts'
import type { AttackWitness } from './attack-story.ts'
import type { ResolvedConfig } from './config/config.ts'
import { Succession } from './reload/succession.ts'
import { scriptOptionsOf } from './script-options.ts'
import { StillGoing } from './still-going.ts'

export interface AttackPapersOptions {
  readonly config: ResolvedConfig
  readonly stateDirectory: string
  readonly log: Logger
}

/** What was decided about an attack that is open. */
interface Verdicts {
  readonly verdict: Verdict
  readonly decision: string
}

const UNKNOWN: Verdicts = { verdict: 'blocked', decision: 'as it was before the restart' }

export class AttackPapers implements AttackWitness {
  readonly #options: AttackPapersOptions
  readonly #files: Succession<AttackFiles>
  readonly #mailer: Succession<Mailer>
  readonly #stillGoing: StillGoing
  readonly #verdicts = new SteadyMap<Verdicts>()
  #config: ResolvedConfig
  /** Settles when the current mailer has what the one before left. */
  #mailsTaken: Promise<void> = Promise.resolve()

  constructor(options: AttackPapersOptions) {
    const { config, log } = options
    this.#options = options
    this.#config = config
    this.#files = new Succession(this.#filesOf(config))
    this.#mailer = new Succession(this.#mailerOf(config))
    this.#stillGoing = new StillGoing(log)
  }

  #filesOf(config: ResolvedConfig, after?: Promise<unknown>): AttackFiles | undefined {
    const { files, style, counted } = fileSettings(config)
    const { directory } = files
    if (directory === undefined) return undefined
    const { log } = this.#options
    return new AttackFiles({ config: { ...files, directory }, style, counted, after, log, now: Date.now })
  }

  #mailerOf(config: ResolvedConfig): Mailer | undefined {
    const { email, style } = mailSettings(config)
    if (email.server === 'off' || email.to.length === 0) return undefined
    const { stateDirectory, log } = this.#options
    const directory = join(stateDirectory, 'mail')
    return new Mailer({ config: email, directory, style, log, now: Date.now })
  }

  /** Takes up mails an earlier run left. */
  async start(): Promise<void> {
    await this.#mailer.current?.start()
  }

  /** Goes on by other settings. What waits to be written or sent is: files by the old ones, mails by the new ones. */
  reconfigure(config: ResolvedConfig): void {
    const before = this.#config
    this.#config = config
    if (!isDeepStrictEqual(fileSettings(before), fileSettings(config))) {
      const left = this.#files.current?.leave() ?? Promise.resolve()
      this.#files.replace(this.#filesOf(config, left), left)
    }
    if (!isDeepStrictEqual(mailSettings(before), mailSettings(config))) this.#replaceMailer(config)
  }

  #replaceMailer(config: ResolvedConfig): void {
    const { log } = this.#options
    const before = this.#mailer.current
    const next = this.#mailerOf(config)
    before?.retire()
    // One after another: of two that use the directory each would send what the other is sending.
    const left = this.#mailsTaken.then(() => before?.leave() ?? [])
    this.#mailsTaken = left.then(mails => {
      if (next !== undefined) return next.takeOver(mails)
      if (mails.length > 0) log.warn('mails that the disk refused are given up', { mails: mails.length })
      return undefined
    })
    this.#mailer.replace(next, this.#mailsTaken)
  }

  /** Call it about once a second. */
  look(open: Iterable<OpenAttack>): void {
    this.#stillGoing.look(open, Date.now())
  }

  /** Saves and writes what waits, within the time. */
  async stop(deadlineMs: number): Promise<void> {
    await Promise.all([this.#files.stop(deadlineMs), this.#mailer.stop(deadlineMs)])
  }

  addMetrics(registry: MetricRegistry): void {
    registry.add(FILE_METRICS, this.#files.metrics)
    registry.add(MAIL_METRICS, this.#mailer.metrics)
  }

  opened(attack: OpenAttack, decision: Decision, flows: readonly FlowSection[]): void {
    this.#verdicts.set(attack.id, {
      verdict: VERDICT[decision.kind],
      decision: decisionText(attack, decision),
    })
    this.#files.current?.opened(attack, flows)
    this.#mail('opened', attack, flows, [])
  }

  evidence(attack: Attack, packets: readonly PacketRecord[]): void {
    this.#files.current?.evidence(attack, packets)
    this.#mail('details', attack, [], packets)
  }

  ended(attack: EndedAttack): void {
    this.#mail('ended', attack, [], [])
    this.#stillGoing.forget(attack.id)
    this.#verdicts.delete(attack.id)
  }

  #mail(
    kind: MailKind,
    attack: Attack,
    flows: readonly FlowSection[],
    packets: readonly PacketRecord[],
  ): void {
    const told: Told = { attack, flows, packets, ...(this.#verdicts.get(attack.id) ?? UNKNOWN) }
    this.#mailer.current?.tell(kind, told)
  }
}

const VERDICT: Readonly<Record<Decision['kind'], Verdict>> = {
  act: 'blocked',
  'dry-run': 'would be blocked',
  refused: 'not blocked',
  nothing: 'not blocked',
}

/** Of a configuration, what files and mails go by. */
const fileSettings = (config: ResolvedConfig) => ({
  files: config.evidence.files,
  style: scriptOptionsOf(config, {}).style,
  counted: config.capture.length,
})

const mailSettings = (config: ResolvedConfig) => ({
  email: config.notify.email,
  style: scriptOptionsOf(config, {}).style,
})
