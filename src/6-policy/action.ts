// What may be done against an attack. Later enforcers add filter, divert and countermeasure.

/** Enforcers that speak BGP to routers. */
export const ANNOUNCERS = ['exabgp', 'gobgp'] as const
export type Announcer = (typeof ANNOUNCERS)[number]

/** A unicast route as a router learns it. */
export interface Route {
  /** Canonical text: `192.0.2.1/32`, `2001:db8::/48`. */
  readonly prefix: string
  /** Canonical address of the family of the prefix. */
  readonly nextHop: string
  /** `asn:value`, each at most 65,535, in the order of the configuration. */
  readonly communities: readonly string[]
}

/** Call the operator's program. */
export interface ScriptAction {
  readonly kind: 'script'
  readonly path: string
}

/**
 * Announce a prefix with communities that tell routers what to do with its traffic: drop it, or send it elsewhere.
 * Several enforcers may answer one attack, so the action names the one that is meant.
 */
export interface BlackholeAction extends Route {
  readonly kind: 'blackhole'
  readonly enforcer: Announcer
}

export type Action = ScriptAction | BlackholeAction

export type ActionKind = Action['kind']

/** The action in words: `call the script /usr/local/bin/notify`. */
export function actionText(action: Action): string {
  switch (action.kind) {
    case 'script':
      return `call the script ${action.path}`
    case 'blackhole': {
      const { prefix, nextHop, communities, enforcer } = action
      const marked = communities.length === 0 ? '' : ` and ${communities.join(' ')}`
      return `announce ${prefix} by ${enforcer} with next hop ${nextHop}${marked}`
    }
  }
}
