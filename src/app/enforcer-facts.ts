// What status tells about those who carry mitigations out.

import type { Enforcer } from '#7-mitigation/enforcer.ts'
import type { Session } from '#8-enforcement/bgp/sessions.ts'
import type { EnforcerFacts } from '#api/contract/status.ts'

/** An enforcer, and its sessions when it speaks BGP and knows them. */
export type Told = Pick<Enforcer, 'name' | 'actions' | 'lists'> & { sessions?(): readonly Session[] }

export const enforcerFacts = (enforcer: Told): EnforcerFacts => ({
  name: enforcer.name,
  actions: [...enforcer.actions],
  isVerifiable: enforcer.lists,
  sessions: (enforcer.sessions?.() ?? []).map(({ sinceMs, afiSafis, ...session }) => ({
    ...session,
    since: new Date(sinceMs).toISOString(),
    families: [...afiSafis],
  })),
})

/** A warning for each neighbour that gets nothing now. */
export const sessionWarnings = (enforcers: readonly EnforcerFacts[]): string[] =>
  enforcers.flatMap(({ name, sessions }) =>
    sessions
      .filter(({ state }) => state !== 'established')
      .map(({ address, asn, state, since }) =>
        state === 'unknown'
          ? `the session of ${name} with ${address} (AS ${asn}) is not known since ${since}`
          : `${name} has no session with ${address} (AS ${asn}): ${state} since ${since}`,
      ),
  )
