// A desk over a ledger and enforcers that answer when the test says so.

import { type EndedAttack, factsOf, type OpenAttack } from '#4-detection/attack.ts'
import { exampleAttack } from '#5-evidence/example.ts'
import type { ActionKind } from '#6-policy/action.ts'
import { DecisionCounts } from '#6-policy/metrics.ts'
import type { Briefing, Enforcer, Outcome } from '#7-mitigation/enforcer.ts'
import type { Mitigation } from '#7-mitigation/mitigation.ts'
import { MitigationLedger } from '#7-mitigation/mitigation-ledger.ts'
import { parsePrefix } from '#lib/ip/prefix.ts'
import { SILENT } from '#lib/log/logger.ts'
import { ActionDesk, type ActionDeskOptions, type DeskSettings } from './action-desk.ts'
import { AttackBook } from './attack-book.ts'

export const DONE: Outcome = { kind: 'done' }
export const FAILED: Outcome = { kind: 'failed', error: 'exit 1' }

/** Writes down what it is asked, and answers when the test says so. */
export class FakeEnforcer implements Enforcer {
  readonly name: string
  readonly actions: readonly ActionKind[]
  readonly lists = false
  readonly asked: { what: string; mitigation: Mitigation; briefing: Briefing }[] = []
  readonly #waiting: ((outcome: Outcome) => void)[] = []

  /** Says what became of a mitigation after all. */
  hear: (mitigationId: string, outcome: Outcome) => void = () => {}

  constructor(name = 'fake', actions: readonly ActionKind[] = ['script']) {
    this.name = name
    this.actions = actions
  }

  listen(hear: (mitigationId: string, outcome: Outcome) => void): void {
    this.hear = hear
  }

  announce(mitigation: Mitigation, briefing: Briefing): Promise<Outcome> {
    return this.#ask('announce', mitigation, briefing)
  }

  amend(mitigation: Mitigation, briefing: Briefing): Promise<Outcome> {
    return this.#ask('amend', mitigation, briefing)
  }

  withdraw(mitigation: Mitigation, briefing: Briefing): Promise<Outcome> {
    return this.#ask('withdraw', mitigation, briefing)
  }

  async stop(): Promise<void> {}

  #ask(what: string, mitigation: Mitigation, briefing: Briefing): Promise<Outcome> {
    this.asked.push({ what, mitigation, briefing })
    return new Promise(resolve => this.#waiting.push(resolve))
  }

  /** Answers all that wait, in the order in which they asked. */
  async answer(...outcomes: Outcome[]): Promise<void> {
    for (const [at, resolve] of this.#waiting.splice(0).entries()) resolve(outcomes[at] ?? DONE)
    await new Promise(resolve => setImmediate(resolve))
  }

  get words(): string[] {
    return this.asked.map(({ what }) => what)
  }
}

const NETWORKS = [parsePrefix('192.0.2.0/24')!]

export function setUp(
  changes: Partial<ActionDeskOptions['context']> & { maximumSeconds?: number; holdDownSeconds?: number } = {},
  announcers: readonly FakeEnforcer[] = [],
) {
  const { maximumSeconds = 3600, holdDownSeconds = 0, ...context } = changes
  const store = new MitigationLedger()
  const script = new FakeEnforcer('script')
  const dryRun = new FakeEnforcer('dry-run')
  const clock = { now: 1000 }
  const settings: DeskSettings = {
    maximumSeconds,
    holdDownSeconds,
    context: {
      networks: NETWORKS,
      whitelist: [],
      managementPrefixes: [],
      policy: { bansMax: 10, bansPerMinute: 100_000 },
      armed: true,
      scriptPath: '/bin/notify',
      ...context,
    },
  }
  const desk = new ActionDesk({
    store,
    enforcers: [script, ...announcers],
    dryRun,
    ...settings,
    counts: new DecisionCounts(),
    log: SILENT,
    now: () => clock.now,
  })
  const states = () => [...store.active(), ...store.ofAttack('example-1')].map(({ state }) => state)
  const audit = () => store.audit().map(({ who, what, outcome }) => `${who} ${what} ${outcome}`)
  return { desk, settings, store, script, dryRun, clock, states, audit }
}

export const ATTACK = exampleAttack()

export function bookOf(...attacks: OpenAttack[]): AttackBook {
  const book = new AttackBook()
  for (const attack of attacks) book.opened(attack, 'decided', [])
  return book
}

export function ended(attack: OpenAttack): EndedAttack {
  return { ...factsOf(attack), state: 'ended', endedAt: 2000, endedBy: 'finished' }
}
