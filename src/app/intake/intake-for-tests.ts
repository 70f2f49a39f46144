// Everything between a report and its mitigation, without the daemon around it: real state, real policy, a dry run.

import type { TestContext } from 'node:test'
import { AttackCounts } from '#4-detection/metrics.ts'
import { buildInventory } from '#6-policy/inventory.ts'
import { inventorySchema } from '#6-policy/inventory-config.ts'
import { DecisionCounts } from '#6-policy/metrics.ts'
import { compilePlaybooks } from '#6-policy/playbook.ts'
import { playbooksSchema } from '#6-policy/playbook-config.ts'
import type { Enforcer } from '#7-mitigation/enforcer.ts'
import { eventsSchema } from '#7-mitigation/events-config.ts'
import { MitigationLedger } from '#7-mitigation/mitigation-ledger.ts'
import { parsePrefix } from '#lib/ip/prefix.ts'
import { SILENT } from '#lib/log/logger.ts'
import { ActionDesk } from '../action-desk.ts'
import { AttackBook } from '../attack-book.ts'
import { AttackStory, type AttackWitness, type StoryOptions } from '../attack-story.ts'
import { CourseBook } from '../course/course-book.ts'
import type { DeskContext } from '../desk-context.ts'
import { keepersOf } from '../resources/live-teller.ts'
import { History } from '../state/history.ts'
import { StateRoom } from '../state/state-room.ts'
import { AttackArchive } from './attack-archive.ts'
import { EventDesk, type EventDeskOptions } from './event-desk.ts'
import { ReportWindow } from './report-window.ts'

export const INVENTORY = {
  customers: [
    {
      id: 'c1',
      name: 'Example',
      prefixes: ['203.0.113.0/24', '2001:db8::/32'],
      services: [{ id: 'dns', name: 'DNS', allowedPorts: { udp: [53], tcp: [53] } }],
      assets: [{ prefix: '203.0.113.10', service: 'dns' }],
    },
  ],
}

export const PLAYBOOKS = [
  {
    name: 'udp',
    match: { vectors: ['udp_flood', 'dns-amplification'] },
    steps: [
      { name: 'limit', actions: [{ kind: 'rate-limit', bitsPerSecond: 5_000_000 }], ttlSeconds: 120 },
      {
        name: 'drop',
        actions: [{ kind: 'discard' }],
        ttlSeconds: 300,
        escalateAfter: { seconds: 120, minimumConfidence: 0.7 },
      },
    ],
  },
  {
    name: 'syn',
    match: { vectors: ['syn_flood'] },
    steps: [{ name: 'drop', actions: [{ kind: 'discard' }], ttlSeconds: 60 }],
  },
]

export interface IntakeSettings {
  readonly directory: string
  readonly context?: Partial<DeskContext>
  readonly isStrict?: boolean
  readonly clock?: { now: number }
  /** Missing: nothing waits for others to agree. */
  readonly groups?: EventDeskOptions['groups']
  /** Told what happens to attacks. */
  readonly witness?: (parts: Pick<StoryOptions, 'desk'> & Pick<EventDeskOptions, 'store'>) => AttackWitness
}

export function contextOf(changes: Partial<DeskContext>): DeskContext {
  const built = buildInventory(inventorySchema.parse(INVENTORY))
  if (built.kind !== 'ok') throw new Error(built.problems.map(({ message }) => message).join('; '))
  return {
    networks: ['203.0.113.0/24', '2001:db8::/32'].map(text => parsePrefix(text)!),
    ...{ whitelist: [], managementPrefixes: [], policy: { bansMax: 100_000, bansPerMinute: 100_000 } },
    ...{ armed: false, scriptPath: undefined, inventory: built.inventory },
    playbooks: compilePlaybooks(playbooksSchema.parse(PLAYBOOKS)),
    enforcers: [{ name: 'gobgp', actions: ['blackhole', 'divert', 'filter'] }],
    ...changes,
  }
}

/** A run of it; the state in `directory` is that of an earlier run when there was one. */
export async function runIntake(t: TestContext, settings: IntakeSettings) {
  const { directory, context = {}, isStrict = false, clock = { now: Date.now() }, groups } = settings
  const now = () => clock.now
  const state = new StateRoom({ directory, log: SILENT, now, retryMs: 50, openWaitMs: 60_000 })
  const book = new AttackBook()
  const courses = new CourseBook({ book, now, limitsOf: () => [{ limit: 'packets', threshold: 20_000 }] })
  const store = new MitigationLedger({}, keepersOf(state.keeper, courses))
  const quiet: Enforcer = {
    ...{ name: 'dry-run', actions: ['filter'], lists: false },
    announce: async () => ({ kind: 'done' }),
    amend: async () => ({ kind: 'done' }),
    withdraw: async () => ({ kind: 'done' }),
    stop: async () => {},
  }
  const reports = new ReportWindow(() => 300_000)
  const desk = new ActionDesk({
    reportsAbout: host => reports.about(host, now()),
    decidedAgain: (...told) => story.decidedAgain(...told),
    ...{ store, enforcers: [], dryRun: quiet, maximumSeconds: 86_400, context: contextOf(context) },
    ...{ counts: new DecisionCounts(), log: SILENT, now },
  })
  const history = new History({ book, courses, keep: make => state.keepPastAttack(make) })
  const witness = settings.witness?.({ desk, store })
  const story: AttackStory = new AttackStory({
    ...{ desk, book, counts: new AttackCounts(), log: SILENT, keeper: state.keeper },
    witnesses: [courses, history, ...(witness === undefined ? [] : [witness])],
  })
  const events = new EventDesk({
    ...{
      desk,
      book,
      story,
      store,
      state,
      reports,
      now,
      maximumSeconds: () => 86_400,
      settings: () => eventsSchema.parse({ strictDuplicates: isStrict }),
      ...(groups === undefined ? {} : { groups }),
    },
  })
  const { documents } = state
  const inventory = () => desk.decisionContext.inventory
  const archive = new AttackArchive({ book, store, state, documents, inventory })
  await state.open({ ledger: store, book, desk, story, late: () => {} })
  events.open()
  /** Has so many seconds pass, with the desks looking at each. */
  const pass = async (seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      clock.now += 1000
      desk.expire(book)
      await desk.settled()
      events.tick()
    }
  }
  const close = async () => {
    await desk.settled()
    await state.close(30_000)
  }
  t.after(close)
  return { state, store, book, courses, desk, story, events, archive, documents, clock, pass, close }
}
