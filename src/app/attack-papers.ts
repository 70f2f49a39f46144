// What is written about attacks for people: files, mails, and a word about bans that outlast their time.

import { join } from 'node:path'
import type { Attack, EndedAttack, OpenAttack } from '#4-detection/attack.ts'
import type { FlowSection, PacketRecord } from '#5-evidence/evidence.ts'
import { type Decision, decisionText } from '#6-policy/decide.ts'
import type { Logger } from '#lib/log/logger.ts'
import type { MetricRegistry } from '#lib/metrics/registry.ts'
import type { MailKind, Told, Verdict } from '#notify/email/compose.ts'
import { Mailer } from '#notify/email/mailer.ts'
import { METRICS as MAIL_METRICS } from '#notify/email/metrics.ts'
import { AttackFiles } from './attack-files/attack-files.ts'
import { METRICS as FILE_METRICS } from './attack-files/metrics.ts'
import type { AttackWitness } from './attack-story.ts'
import type { ResolvedConfig } from './config/config.ts'
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
  readonly #files: AttackFiles | undefined
  readonly #mailer: Mailer | undefined
  readonly #stillGoing: StillGoing
  readonly #verdicts = new Map<string, Verdicts>()

  constructor({ config, stateDirectory, log }: AttackPapersOptions) {
    const { files } = config.evidence
    const { email } = config.notify
    const { style } = scriptOptionsOf(config, {})
    const { directory } = files
    if (directory !== undefined) {
      const { length: counted } = config.capture
      this.#files = new AttackFiles({ config: { ...files, directory }, style, counted, log, now: Date.now })
    }
    if (email.server !== 'off' && email.to.length > 0) {
      const mailDirectory = join(stateDirectory, 'mail')
      this.#mailer = new Mailer({ config: email, directory: mailDirectory, style, log, now: Date.now })
    }
    this.#stillGoing = new StillGoing(log)
  }

  /** Takes up mails an earlier run left. */
  async start(): Promise<void> {
    await this.#mailer?.start()
  }

  /** Call it about once a second. */
  look(open: Iterable<OpenAttack>): void {
    this.#stillGoing.look(open, Date.now())
  }

  /** Saves and writes what waits, within the time. */
  async stop(deadlineMs: number): Promise<void> {
    await Promise.all([this.#files?.stop(deadlineMs), this.#mailer?.stop(deadlineMs)])
  }

  addMetrics(registry: MetricRegistry): void {
    registry.add(FILE_METRICS, () => this.#files?.metrics() ?? [])
    registry.add(MAIL_METRICS, () => this.#mailer?.metrics() ?? [])
  }

  opened(attack: OpenAttack, decision: Decision, flows: readonly FlowSection[]): void {
    this.#verdicts.set(attack.id, {
      verdict: VERDICT[decision.kind],
      decision: decisionText(attack, decision),
    })
    this.#files?.opened(attack, flows)
    this.#mail('opened', attack, flows, [])
  }

  evidence(attack: Attack, packets: readonly PacketRecord[]): void {
    this.#files?.evidence(attack, packets)
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
    this.#mailer?.tell(kind, told)
  }
}

const VERDICT: Readonly<Record<Decision['kind'], Verdict>> = {
  act: 'blocked',
  'dry-run': 'would be blocked',
  refused: 'not blocked',
  nothing: 'not blocked',
}
