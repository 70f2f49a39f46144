// What the routes of resources need of the daemon, one small desk each; app implements them.

import type { AttackReport, Attacks, AttacksQuery } from './contract/attack.ts'
import type { Course } from './contract/course.ts'
import type { EventAnswer, EventRequest, Events, EventsQuery, EventView } from './contract/events.ts'
import type {
  ExtendManyRequest,
  ManyOutcome,
  Mitigations,
  MitigationsQuery,
  MitigationWithAttack,
  OrderOutcome,
  OrderPreviewRequest,
  OrderRequest,
  WithdrawOutcome,
} from './contract/mitigations.ts'
import type {
  DeadLetters,
  DeadLettersQuery,
  LettersDone,
  LettersRequest,
  NotifyPreview,
  NotifyPreviewRequest,
  NotifyTest,
  NotifyTested,
  NotifyView,
} from './contract/notify.ts'
import type { Preferences } from './contract/preferences.ts'
import type { RulePreview, RulePreviewRequest } from './contract/rule-preview.ts'
import type { PackMade, PackRequest, TemplateRequest, Templates } from './contract/rule-templates.ts'
import type {
  BlackholeRequest,
  Panic,
  PanicRequest,
  RuleExtension,
  RuleMade,
  RuleRequest,
  Rules,
  RulesQuery,
  RuleView,
  RuleWithdrawn,
} from './contract/rules.ts'
import type { SafeEntry, SafelistView, SafeRequest } from './contract/safelist.ts'
import type {
  Configuration,
  SectionChange,
  SectionCheck,
  SectionCheckRequest,
  SectionHistory,
  SectionHistoryQuery,
  SectionName,
  SectionRequest,
  SectionVersion,
  SectionView,
  SectionWritten,
} from './contract/sections.ts'
import type { SetupFacts, SetupRequest, SetupWritten } from './contract/setup.ts'
import type {
  HostgroupsTraffic,
  NetworksTraffic,
  TrafficHistory,
  TrafficHistoryQuery,
} from './contract/traffic-history.ts'
import type { WhatIf, WhatIfQuery } from './contract/what-if.ts'
import type { BanRefusal, Caller, Done } from './control.ts'
import type { LiveClients } from './live/live-clients.ts'
import type { PresetDesk, ProtectionDesk } from './protection-desk.ts'

/** Whoever is confined to customers is shown and may touch only what is theirs; the rest is as if it did not exist. */
export interface AttackDesk {
  list(query: AttacksQuery, by: Caller): Promise<Attacks>
  /** `undefined`: there is none that the caller may see. */
  report(id: string, by: Caller): Promise<AttackReport | undefined>
}

export interface CourseDesk {
  /** `undefined`: there is no attack of this id that the caller may see. */
  read(id: string, by: Caller): Promise<Course | undefined>
  /** Its packets as a pcap. */
  capture(
    id: string,
    by: Caller,
  ): Promise<Done<{ readonly bytes: Uint8Array; readonly name: string }, 'unknown-attack' | 'no-packets'>>
}

export interface MitigationDesk {
  list(query: MitigationsQuery, by: Caller): Promise<Mitigations>
  get(id: string, by: Caller): Promise<MitigationWithAttack | undefined>
  order(order: OrderRequest, by: Caller): Promise<Done<OrderOutcome, BanRefusal>>
  /** Nothing is done. */
  preview(
    order: OrderPreviewRequest,
    by: Caller,
  ): Promise<Done<RulePreview, 'outside-networks' | 'rate-limited'>>
  withdraw(
    id: string,
    reason: string | undefined,
    by: Caller,
  ): Promise<Done<WithdrawOutcome, 'unknown-mitigation' | 'not-ready'>>
  withdrawMany(ids: readonly string[], reason: string | undefined, by: Caller): Promise<ManyOutcome>
  extendMany(request: ExtendManyRequest, by: Caller): Promise<ManyOutcome>
  acknowledgeMany(ids: readonly string[], by: Caller): Promise<ManyOutcome>
}

export interface ReportDesk {
  list(query: EventsQuery, by: Caller): Promise<Done<Events, 'state-unavailable'>>
  get(id: string, by: Caller): Promise<Done<EventView, 'unknown-event' | 'state-unavailable'>>
  receive(
    event: EventRequest,
    by: Caller,
  ): Promise<Done<EventAnswer, 'not-ready' | 'unknown-vector' | 'outside-networks'>>
}

export interface SafelistDesk {
  list(by: Caller): SafelistView
  /** Settles when it is on disk, or after some seconds. */
  add(
    entry: SafeRequest,
    by: Caller,
  ): Promise<Done<SafeEntry, 'outside-networks' | 'safelist-full' | 'ends-in-the-past'>>
  remove(prefix: string, by: Caller): Promise<Done<SafeEntry, 'not-safelisted' | 'configured-entry'>>
}

/** Why a rule is not made; the detail names the numbers, or the other rule. */
export type RuleRefusal =
  | BanRefusal
  | 'duplicate-rule'
  | 'too-many-rules'
  | 'customer-active-rules'
  | 'customer-new-rules'
  | 'ends-in-the-past'
  | 'lasts-too-long'

export interface RuleDesk {
  list(query: RulesQuery, by: Caller): Rules
  get(id: string, by: Caller): RuleView | undefined
  /** Nothing is made. */
  preview(
    request: RulePreviewRequest,
    by: Caller,
  ): Promise<Done<RulePreview, 'outside-networks' | 'rate-limited'>>
  create(request: RuleRequest, by: Caller): Promise<Done<RuleMade, RuleRefusal>>
  templates(): Templates
  applyTemplate(request: TemplateRequest, by: Caller): Promise<Done<PackMade, 'outside-networks'>>
  applyPack(request: PackRequest, by: Caller): Promise<Done<PackMade, 'outside-networks' | 'too-many-rules'>>
  extend(
    request: RuleExtension,
    by: Caller,
  ): Promise<Done<RuleView, RuleRefusal | 'unknown-rule' | 'rule-over'>>
  withdraw(id: string, reason: string | undefined, by: Caller): Promise<Done<RuleWithdrawn, 'unknown-rule'>>
  retry(
    id: string,
    by: Caller,
  ): Promise<Done<RuleView, RuleRefusal | 'unknown-rule' | 'rule-over' | 'rule-not-failed'>>
  blackhole(request: BlackholeRequest, by: Caller): Promise<Done<RuleMade, RuleRefusal>>
  endBlackhole(
    prefix: string,
    reason: string | undefined,
    by: Caller,
  ): Promise<Done<RuleWithdrawn, 'unknown-rule'>>
  /** Takes back all that is done, and has nothing announced until it is armed again. */
  panic(request: PanicRequest, by: Caller): Promise<Panic>
}

export type SectionRefusal =
  | 'changed-meanwhile'
  | 'if-match-missing'
  | 'config-refused'
  | 'config-not-written'
  | 'invalid-request'
  | 'not-ready'

export interface SectionDesk {
  read(section: SectionName): Done<SectionView, SectionRefusal>
  /** Writes all of it, or the entries that are named, into the file and has it reloaded. `ifMatch`: header If-Match. */
  write(
    section: SectionName,
    change: SectionRequest | SectionChange,
    ifMatch: string | undefined,
    by: Caller,
  ): Promise<Done<SectionWritten, SectionRefusal>>
  /** What would come of writing all of a section. Nothing is written. */
  check(asked: SectionCheckRequest): Done<SectionCheck, SectionRefusal>
  history(query: SectionHistoryQuery): SectionHistory
  version(id: string): SectionVersion | undefined
  configuration(): Configuration
}

/** The first run. */
export interface SetupDesk {
  /** Whether the link waits to be used. */
  readonly isOpen: boolean
  /** Uses the link: true for one caller alone. */
  claim(token: string): boolean
  /** Nothing came of it: it may be used again. */
  giveBack(): void
  /** The first admin is there: the link is taken away. */
  used(name: string): void
  facts(): SetupFacts
  write(request: SetupRequest, by: Caller): Promise<Done<SetupWritten, SectionRefusal>>
}

export interface HistoryDesk {
  read(query: TrafficHistoryQuery): Promise<Done<TrafficHistory, 'unknown-series' | 'state-unavailable'>>
  networks(): NetworksTraffic
  hostgroups(): HostgroupsTraffic
}

export interface NotifyDesk {
  view(): NotifyView
  test(request: NotifyTest, by: Caller): Promise<Done<NotifyTested, 'unknown-destination' | 'rate-limited'>>
  preview(
    request: NotifyPreviewRequest,
  ): Promise<Done<NotifyPreview, 'unknown-destination' | 'unknown-attack' | 'invalid-request'>>
  deadLetters(query: DeadLettersQuery): DeadLetters
  resend(request: LettersRequest, by: Caller): Promise<Done<LettersDone, 'unknown-dead-letter'>>
  discard(request: LettersRequest, by: Caller): Promise<Done<LettersDone, 'unknown-dead-letter'>>
}

export interface PreferencesDesk {
  of(by: Caller): Preferences
  /** Settles when it is on disk, or after some seconds. */
  set(wanted: Preferences, by: Caller): Promise<Preferences>
}

export interface WhatIfDesk {
  /** What another threshold would have done in the past hour. */
  ask(query: WhatIfQuery): Promise<Done<WhatIf, 'unknown-series'>>
}

export interface Resources {
  readonly attacks: AttackDesk
  readonly courses: CourseDesk
  readonly mitigations: MitigationDesk
  readonly reports: ReportDesk
  readonly safelist: SafelistDesk
  readonly rules: RuleDesk
  readonly sections?: SectionDesk
  readonly history?: HistoryDesk
  readonly notify?: NotifyDesk
  readonly whatIf?: WhatIfDesk
  readonly preferences?: PreferencesDesk
  readonly live?: LiveClients
  readonly protection?: ProtectionDesk
  readonly presets?: PresetDesk
  readonly setup?: SetupDesk
}
