// What both APIs are made over, without the daemon around it: reports, safelist and reach over real state and real policy.

import type { TestContext } from 'node:test'
import { USUAL_BOUNDS } from '#6-policy/bounds.ts'
import type { RuleView } from '#api/contract/rules.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { Arming } from '../arming/arming.ts'
import { ArmingDesk } from '../arming/arming-desk.ts'
import type { ResolvedConfig } from '../config/config.ts'
import { configWith } from '../engine-for-tests.ts'
import { contextOf, type IntakeSettings, runIntake } from '../intake/intake-for-tests.ts'
import { IntakeRoom } from '../intake/intake-room.ts'
import { CustomerQuotas } from '../rules/customer-quotas.ts'
import { RuleRoom } from '../rules/rule-room.ts'
import { Reach } from './reach.ts'
import { SafelistRoom } from './safelist-room.ts'

export interface RoomSettings extends Partial<Omit<IntakeSettings, 'isStrict'>> {
  readonly config?: ResolvedConfig
}

export async function openRooms(t: TestContext, settings: RoomSettings = {}) {
  const { context = {}, config = configWith({}), ...more } = settings
  const run = await runIntake(t, { directory: temporaryFolder(t), ...more, context })
  const { book, store, state, desk, story, clock } = run
  const now = () => clock.now
  const intake = new IntakeRoom({ book, store, state, desk, story, now, config: () => config })
  intake.open(book.open)
  const reach = new Reach(() => desk.decisionContext.inventory)
  const safelist: SafelistRoom = new SafelistRoom({
    ...{ documents: state.documents, store, reach, now, configured: () => [] },
    apply: () =>
      desk.reconfigure(
        { maximumSeconds: 86_400, context: contextOf({ ...context, safelist: safelist.entries() }) },
        book,
      ),
    release: attackId => intake.release(attackId, 'unknown'),
  })
  const arming = new Arming(context.armed ?? false)
  const armingDesk = new ArmingDesk({
    ...{ arming, store, now, enforcers: () => ['gobgp'], changes: () => [] },
    apply: ({ armed }) =>
      desk.reconfigure({ maximumSeconds: 86_400, context: contextOf({ ...context, armed }) }, book),
  })
  const quotas = new CustomerQuotas(() => config.inventory)
  const rulesTold: RuleView[] = []
  const rules = new RuleRoom({
    changed: rule => rulesTold.push(rule),
    ...{ documents: state.documents, book, store: () => store, events: () => intake.events, now },
    release: (attackId, who) => intake.release(attackId, who),
    customerOf: target => reach.customerOf(target),
    networks: () => ['203.0.113.0/24', '2001:db8::/32'],
    quotaOf: customer => quotas.of(customer),
    bounds: () => desk.rails().bounds ?? USUAL_BOUNDS,
    onDisk: () => state.onDisk(),
  })
  rules.open()
  return { ...run, intake, reach, safelist, rules, rulesTold, arming: armingDesk, now }
}
