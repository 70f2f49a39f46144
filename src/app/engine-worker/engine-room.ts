// The engine with its clock, as it runs in its worker: ticks, and answers what the main thread asks.

import type { Moment } from '#4-detection/ban.ts'
import { assert } from '#lib/assert.ts'
import { parseAddress } from '#lib/ip/address.ts'
import { steadyMs } from '#lib/steady-ms.ts'
import { Engine } from '../engine.ts'
import type { EngineEvent } from '../engine-event.ts'
import { explainHost } from '../explain-host.ts'
import type { Measured } from '../learning/learning-room.ts'
import { liveMoment, TickLoop } from '../loops/tick-loop.ts'
import { previewRule } from '../preview-rule.ts'
import { TrafficView } from '../traffic-view.ts'
import { type EngineFacts, factsOf } from './engine-facts.ts'
import { HostTables } from './host-table.ts'
import type { AnswerOf, Ask, EngineTask, RequestName } from './messages.ts'
import { networkRowsOf } from './network-rows.ts'
import { PrefixTrafficView } from './prefix-traffic.ts'
import { RatesView } from './rates.ts'

/** Told what happens while nobody asks. */
export interface EngineListener {
  events(events: readonly EngineEvent[]): void
  facts(facts: EngineFacts): void
  pace(tickMs: number, share: number): void
}

type Answers = { readonly [Name in RequestName]: (ask: Ask<Name>) => AnswerOf<Name> }

const FACTS_MS = 1000

export class EngineRoom {
  readonly #engine: Engine
  readonly #loop: TickLoop
  readonly #traffic: TrafficView
  readonly #rates: RatesView
  readonly #prefixTraffic: PrefixTrafficView
  readonly #hosts: HostTables
  readonly #listener: EngineListener
  readonly #now: () => Moment
  readonly #countsFromMs: number
  #facts: NodeJS.Timeout | undefined

  constructor(
    { config, sources, countsFromMs }: Pick<EngineTask, 'config' | 'sources' | 'countsFromMs'>,
    listener: EngineListener,
    now = liveMoment,
  ) {
    this.#listener = listener
    this.#now = now
    this.#countsFromMs = countsFromMs
    this.#engine = new Engine(config, sources)
    this.#traffic = new TrafficView(this.#engine)
    this.#rates = new RatesView(this.#engine, config.traffic.averageSeconds)
    this.#prefixTraffic = new PrefixTrafficView(this.#engine)
    this.#hosts = new HostTables(this.#engine, sources, config.traffic.averageSeconds)
    this.#loop = new TickLoop({
      tickMs: this.#engine.tickMs,
      fixed: config.detection.mode === 'plain',
      tick: moment => {
        const events = this.#engine.tick(moment)
        if (events.length > 0) listener.events(events)
        // What opened is on its way before: to find rules takes longer than to find an attack.
        setImmediate(() => this.#distil())
        return this.#engine.endedWindow
      },
      paced: (tickMs, share) => listener.pace(tickMs, share),
    })
  }

  #distil(): void {
    const events = this.#engine.distil()
    if (events.length > 0) this.#listener.events(events)
  }

  /** When counting began: by then nobody may have been there to judge it. */
  #countsFrom(): Moment {
    const { seconds, wallMs } = this.#now()
    const agoMs = steadyMs() - this.#countsFromMs
    return { seconds: seconds - agoMs / 1000, wallMs: wallMs - agoMs }
  }

  answer<Name extends RequestName>(name: Name, ask: Ask<Name>): AnswerOf<Name> {
    return this.#answers[name](ask)
  }

  stop(): void {
    this.#loop.stop()
    clearInterval(this.#facts)
  }

  readonly #answers: Answers = {
    restore: ({ attacks }) => this.#engine.restore(attacks, this.#now()),
    begin: () => {
      this.#engine.start(this.#countsFrom())
      this.#loop.start()
      this.#facts = setInterval(() => this.#listener.facts(factsOf(this.#engine, this.#loop)), FACTS_MS)
    },
    reconfigure: ({ config }) => this.#engine.reconfigure(config, this.#now()),
    ban: ({ host, seconds }) => this.#engine.ban(addressOf(host), seconds, this.#now()),
    unban: ({ host }) => this.#engine.unban(host, this.#now()),
    traffic: ({ sort, limit, family }) => this.#traffic.read(sort, limit, family),
    explain: ({ host }) => explainHost(this.#engine, addressOf(host)),
    preview: asked => previewRule(this.#engine, asked),
    facts: () => factsOf(this.#engine, this.#loop),
    measured: () => measuredBy(this.#engine),
    hosts: portion => this.#hosts.read(portion),
    networks: () => networkRowsOf(this.#engine),
    rates: ({ known }) => this.#rates.read(known),
    prefixTraffic: ({ lists }) => this.#prefixTraffic.read(lists),
  }
}

function measuredBy({ detector: { baseline } }: Engine): Measured {
  const { minutesLost, busyRefused } = baseline
  return { minutes: baseline.take(), minutesLost, busyRefused }
}

/** Text that was checked before it was sent. */
function addressOf(host: string) {
  const address = parseAddress(host)
  assert(address !== undefined, 'only addresses are sent to the engine')
  return address
}
