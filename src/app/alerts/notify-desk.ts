// The API's view of who is told: how each destination fares, tests, previews, and dead letters.

import { exampleAttack } from '#5-evidence/example.ts'
import type { MitigationStore } from '#7-mitigation/mitigation-store.ts'
import type {
  DeadLetters,
  DeadLettersQuery,
  LettersDone,
  LettersRequest,
  NotifyPreviewRequest,
  NotifyTest,
  NotifyTested,
  NotifyView,
} from '#api/contract/notify.ts'
import type { Caller } from '#api/control.ts'
import type { NotifyDesk as Desk } from '#api/resources.ts'
import type { NotifyConfig } from '#notify/config.ts'
import type { Message } from '#notify/delivery/carrier.ts'
import type { DeadLetter } from '#notify/delivery/kept-messages.ts'
import { isPager, USUAL_EVENTS } from '#notify/destinations-config.ts'
import { noticeAttackOf } from '#notify/notice/notice-attack.ts'
import { exampleNotice } from '#notify/notice/notice-group.ts'
import { wordsFor } from '#notify/notice/words.ts'
import { routeText } from '#notify/routing/route.ts'
import { compileNoticeTemplate } from '#notify/template/notice-fields.ts'
import { actorOf } from '../actor.ts'
import { previewOf } from './notice-preview.ts'
import type { NotifyRoom } from './notify-room.ts'

export interface NotifyDeskOptions {
  readonly room: NotifyRoom
  readonly config: () => { readonly notify: NotifyConfig }
  readonly store: Pick<MitigationStore, 'record'>
  readonly now: () => number
}

/** Tests a minute: whoever may test must not flood a chat. */
const TESTS_MAX = 30
const MINUTE_MS = 60_000

export class NotifyDesk implements Desk {
  readonly #options: NotifyDeskOptions
  #tests: number[] = []

  constructor(options: NotifyDeskOptions) {
    this.#options = options
  }

  view(): NotifyView {
    const { room, config } = this.#options
    room.follow()
    const { destinations, routes } = config().notify
    const dead = room.dispatcher.deadCounts()
    return {
      destinations: room.dispatcher.status().map(status => {
        const settings = status.origin === 'configuration' ? destinations[status.id] : undefined
        const { lastSuccessAt, lastFailureAt, nextTryAt, lastError, ...rest } = status
        const usual = settings === undefined ? [] : USUAL_EVENTS[isPager(settings.type) ? 'pager' : 'other']
        return {
          ...rest,
          deadLetters: dead.get(status.id) ?? 0,
          events: [...(settings?.events ?? usual), ...room.eventsOf(status.id)],
          ...(settings?.template === undefined ? {} : { template: settings.template }),
          ...(lastError === undefined ? {} : { lastError }),
          ...moments({ lastSuccessAt, lastFailureAt, nextTryAt }),
        }
      }),
      routes: routes.map(routeText),
      groups: room.notices.groups,
      deadLetters: [...dead.values()].reduce((sum, each) => sum + each, 0),
      problems: [...room.problems],
    }
  }

  async test({ destination }: NotifyTest, by: Caller) {
    const { room, now } = this.#options
    room.follow()
    const chosen = room.dispatcher
      .status()
      .filter(({ id }) => destination === undefined || id === destination)
    if (destination !== undefined && chosen.length === 0) return refused('unknown-destination', destination)
    const at = now()
    this.#tests = this.#tests.filter(time => at - time < MINUTE_MS && time <= at)
    if (this.#tests.length + chosen.length > TESTS_MAX)
      return refused('rate-limited', `at most ${TESTS_MAX} test messages a minute`)
    for (const _ of chosen) this.#tests.push(at)
    const results = await Promise.all(
      chosen.map(async ({ id, type, origin }): Promise<NotifyTested['results'][number]> => {
        const began = performance.now()
        const error = origin === 'alerting' ? await room.testOne(id) : await room.notices.test(id)
        const milliseconds = Math.round(performance.now() - began)
        return {
          ...{ destination: id, type, milliseconds, outcome: error === undefined ? 'taken' : 'failed' },
          ...(error === undefined ? {} : { error }),
        }
      }),
    )
    const failed = results.filter(({ outcome }) => outcome === 'failed').length
    this.#record(by, destination ?? 'all', `test message: ${results.length - failed} taken, ${failed} failed`)
    return { kind: 'done', value: { results } } as const
  }

  async preview({ destination, event, attack, title, text }: NotifyPreviewRequest) {
    const { room, config, now } = this.#options
    const { notify } = config()
    if (destination !== undefined && notify.destinations[destination] === undefined)
      return refused('unknown-destination', `${destination} is no destination of notify.destinations`)
    const errors = Object.entries({ title, text }).flatMap(([at, template]) => {
      const compiled = template === undefined ? undefined : compileNoticeTemplate(template)
      if (compiled?.kind !== 'wrong') return []
      const { line, column, message } = compiled.fault
      return [{ at, problem: `line ${line}, column ${column}: ${message}` }]
    })
    if (errors.length > 0) {
      const detail = errors.map(({ at, problem }) => `${at}: ${problem}`).join('; ')
      return { ...refused('invalid-request', detail), errors }
    }
    const open = attack === undefined ? undefined : room.notices.about(attack, event)
    if (attack !== undefined && open === undefined) return refused('unknown-attack', attack)
    const notice = open ?? room.notices.ofKind(event) ?? example(event, now())
    const instead = { ...(title === undefined ? {} : { title }), ...(text === undefined ? {} : { text }) }
    const to = [...room.notices.routed(notice)]
    return { kind: 'done', value: { ...previewOf(notice, notify, destination, instead), to } } as const
  }

  deadLetters({ destination, limit }: DeadLettersQuery): DeadLetters {
    const all = this.#options.room.dispatcher
      .deadLetters()
      .filter(letter => destination === undefined || letter.destination === destination)
    return { deadLetters: all.slice(0, limit).map(presented), total: all.length }
  }

  async resend(request: LettersRequest, by: Caller) {
    const ids = this.#chosen(request)
    if (ids === undefined) return refused('unknown-dead-letter', request.ids?.join(', ') ?? '')
    const { sent, homeless } = this.#options.room.dispatcher.resend(ids)
    this.#record(by, targetOf(request), `${sent.length} dead letters were sent again`)
    return done({ done: sent.length, homeless: homeless.length })
  }

  async discard(request: LettersRequest, by: Caller) {
    const ids = this.#chosen(request)
    if (ids === undefined) return refused('unknown-dead-letter', request.ids?.join(', ') ?? '')
    const gone = this.#options.room.dispatcher.discard(ids)
    this.#record(by, targetOf(request), `${gone.length} dead letters were discarded`)
    return done({ done: gone.length, homeless: 0 })
  }

  /** `undefined`: none of those that are named is there. */
  #chosen({ ids, destination }: LettersRequest): ReadonlySet<string> | undefined {
    const all = this.#options.room.dispatcher.deadLetters()
    const found = all.filter(letter =>
      ids === undefined
        ? destination === undefined || letter.destination === destination
        : ids.includes(letter.id),
    )
    return ids !== undefined && found.length === 0 ? undefined : new Set(found.map(({ id }) => id))
  }

  #record(by: Caller, target: string, reason: string): void {
    const { store, now } = this.#options
    store.record({
      ...{ at: now(), who: actorOf(by), what: 'notify', target, attackId: '', mitigationId: undefined },
      ...{ outcome: 'done', reason },
    })
  }
}

const refused = <Code extends string>(code: Code, detail: string) =>
  ({ kind: 'refused', code, detail }) as const
const done = (value: LettersDone) => ({ kind: 'done', value }) as const
const targetOf = ({ destination, ids }: LettersRequest): string =>
  destination ?? (ids?.length === 1 ? (ids[0] ?? 'all') : 'all')

function example(event: NotifyPreviewRequest['event'], at: number) {
  const attack = exampleAttack({ openedAt: at - 90_000 })
  const decision = 'the playbook rate-limits it'
  const around = { entry: undefined, network: '192.0.2.0/24', decision, isDryRun: false }
  return exampleNotice(noticeAttackOf(attack, around), event, at)
}

function presented({ id, destination, at, diedAt, why, error, tries, message }: DeadLetter) {
  const title = message.form === 'notice' ? wordsFor(message.notice).title : message.alert.title
  return {
    ...{ id, destination, event: eventOf(message), title, why, error, tries },
    ...{ toldAt: new Date(at).toISOString(), givenUpAt: new Date(diedAt).toISOString() },
  }
}

const eventOf = (message: Message): string =>
  message.form === 'notice' ? message.notice.kind : message.alert.event_type

const moments = <Name extends string>(times: Readonly<Record<Name, number | undefined>>) =>
  Object.fromEntries(
    Object.entries<number | undefined>(times).flatMap(([name, at]) =>
      at === undefined ? [] : [[name, new Date(at).toISOString()]],
    ),
  ) as { [Each in Name]?: string }
