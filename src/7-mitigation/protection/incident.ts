// Incidents: from when a profile is first needed until nobody needs it any more, with who did, what was on, and what was dropped.

import type { CountermeasureName } from '#6-policy/countermeasure.ts'
import type { Need } from './holders.ts'

export interface Incident {
  /** `web-17`: the profile, and which of all that were. */
  readonly id: string
  readonly profile: string
  readonly beganAt: number
  readonly endedAt: number | undefined
  /** Ids of attacks, and thresholds in words; at most `CAUSES_MAX`. */
  readonly causes: readonly string[]
  readonly countermeasures: readonly CountermeasureName[]
  readonly tags: readonly string[]
  readonly droppedPackets: number
  readonly droppedBytes: number
}

/** What its countermeasures have dropped since they were first applied. */
export interface Dropped {
  readonly packets: number
  readonly bytes: number
}

export const INCIDENTS_MAX = 1000
export const TAGS_MAX = 32
const CAUSES_MAX = 64
const TAG = /^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$/

export const isTag = (text: string): boolean => TAG.test(text)

interface Running {
  readonly incident: Incident
  /** When it began, as far as it was known. */
  readonly before: Dropped
}

export class IncidentLog {
  /** By profile. */
  readonly #open = new Map<string, Running>()
  /** Over, oldest first. */
  #over: Incident[] = []
  #next = 1

  /** `needs` of one profile as they are now; `dropped` by it so far. Gives the incident when it began or ended. */
  follow(
    profile: string,
    needs: readonly Need[],
    dropped: Dropped,
    nowMs: number,
    tags: readonly string[] = [],
  ): Incident | undefined {
    const running = this.#open.get(profile)
    if (needs.length === 0 && running === undefined) return undefined
    const before = running?.before ?? dropped
    const incident = grown(running?.incident ?? this.#begun(profile, nowMs, tags), needs, {
      packets: Math.max(0, dropped.packets - before.packets),
      bytes: Math.max(0, dropped.bytes - before.bytes),
    })
    if (needs.length > 0) {
      this.#open.set(profile, { incident, before })
      return running === undefined ? incident : undefined
    }
    this.#open.delete(profile)
    const ended = { ...incident, endedAt: nowMs }
    this.#over = [...this.#over, ended].slice(-INCIDENTS_MAX)
    return ended
  }

  /** Those that go on, then those that are over, newest first. */
  list(limit = INCIDENTS_MAX): readonly Incident[] {
    const open = [...this.#open.values()].map(({ incident }) => incident)
    return [...open.reverse(), ...this.#over.toReversed()].slice(0, limit)
  }

  /** Adds tags; `undefined`: there is no such incident. Beyond `TAGS_MAX` none is added. */
  tag(id: string, tags: readonly string[]): Incident | undefined {
    const running = [...this.#open.values()].find(({ incident }) => incident.id === id)
    if (running !== undefined) {
      const incident = tagged(running.incident, tags)
      this.#open.set(incident.profile, { ...running, incident })
      return incident
    }
    const at = this.#over.findIndex(incident => incident.id === id)
    const over = this.#over[at]
    if (over === undefined) return undefined
    const incident = tagged(over, tags)
    this.#over = this.#over.with(at, incident)
    return incident
  }

  /** Profiles whose incidents go on. */
  get going(): readonly string[] {
    return [...this.#open.keys()]
  }

  /** Newest last, for the next run. */
  kept(): readonly Incident[] {
    return this.list().toReversed()
  }

  /** Incidents of an earlier run; one that went on then goes on, and is over when nobody needs its profile. */
  adopt(incidents: readonly Incident[], droppedBy: (profile: string) => Dropped): void {
    for (const incident of incidents) {
      this.#next = Math.max(this.#next, Number(incident.id.slice(incident.id.lastIndexOf('-') + 1)) + 1)
      if (incident.endedAt !== undefined) this.#over.push(incident)
      else {
        const { packets, bytes } = droppedBy(incident.profile)
        const before = { packets: packets - incident.droppedPackets, bytes: bytes - incident.droppedBytes }
        this.#open.set(incident.profile, { incident, before })
      }
    }
    this.#over = this.#over.slice(-INCIDENTS_MAX)
  }

  #begun(profile: string, nowMs: number, tags: readonly string[]): Incident {
    return {
      ...{ id: `${profile}-${this.#next++}`, profile, beganAt: nowMs, endedAt: undefined },
      ...{ causes: [], countermeasures: [], tags, droppedPackets: 0, droppedBytes: 0 },
    }
  }
}

function grown(incident: Incident, needs: readonly Need[], { packets, bytes }: Dropped): Incident {
  const { causes, countermeasures } = incident
  const all = {
    causes: [...new Set([...causes, ...needs.map(({ cause }) => cause)])].slice(0, CAUSES_MAX),
    countermeasures: [...new Set([...countermeasures, ...needs.map(need => need.countermeasure)])],
  }
  const told = tagged(
    incident,
    needs.flatMap(({ tags }) => tags),
  )
  // Counters of what is off again are gone; what it has dropped stays told.
  const dropped = {
    droppedPackets: Math.max(incident.droppedPackets, packets),
    droppedBytes: Math.max(incident.droppedBytes, bytes),
  }
  return { ...told, ...all, ...dropped }
}

const tagged = (incident: Incident, tags: readonly string[]): Incident => ({
  ...incident,
  tags: [...new Set([...incident.tags, ...tags])].slice(0, TAGS_MAX),
})
