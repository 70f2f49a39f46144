// What a lab consists of, as plain values: namespaces by role, and the cables between them.

/** One end of a cable. */
export interface EndPlan {
  readonly role: string
  /** As `ip address add` takes them: `192.0.2.1/24`. */
  readonly addresses?: readonly string[]
}

export interface LinkPlan {
  readonly from: EndPlan
  readonly to: EndPlan
}

export interface LabPlan {
  /** From the one that sends to the one that receives; every role named here is a namespace. */
  readonly links: readonly LinkPlan[]
  /** Default 1500. */
  readonly mtu?: number
  /** Without it the namespaces have no IPv6 of their own and are silent; frames pass either way. */
  readonly ipv6?: boolean
  /** Receive and send queues of each interface; default 1. */
  readonly queues?: number
  /** Roles that forward packets between their interfaces. */
  readonly forwarding?: readonly string[]
  /** By role, as `ip route add` takes them: `10.10.0.0/16 via 192.0.2.2`. */
  readonly routes?: Readonly<Record<string, readonly string[]>>
}

export const MOST_ROLES = 8
export const MOST_LINKS = 16

/** A generator and a detector that listens on one or several mirror ports. */
export function mirrorPlan(ports = 1): LabPlan {
  return {
    links: Array.from({ length: ports }, (_, port) => ({
      from: { role: 'generator', addresses: [`192.0.2.${port * 4 + 1}/30`] },
      to: { role: 'detector', addresses: [`192.0.2.${port * 4 + 2}/30`] },
    })),
  }
}

/** A router that is its own detector: the outside on one interface, our networks behind the other. */
export const ROUTER_PLAN: LabPlan = {
  links: [
    {
      from: { role: 'outside', addresses: ['192.0.2.1/30', '2001:db8:0:1::1/64'] },
      to: { role: 'detector', addresses: ['192.0.2.2/30', '2001:db8:0:1::2/64'] },
    },
    {
      from: { role: 'inside', addresses: ['192.0.2.5/30', '2001:db8:0:2::1/64'] },
      to: { role: 'detector', addresses: ['192.0.2.6/30', '2001:db8:0:2::2/64'] },
    },
  ],
  ipv6: true,
  forwarding: ['detector'],
  routes: {
    outside: ['default via 192.0.2.2', 'default via 2001:db8:0:1::2'],
    inside: ['default via 192.0.2.6', 'default via 2001:db8:0:2::2'],
    detector: [
      '10.10.0.0/16 via 192.0.2.5',
      '2001:db8:10::/48 via 2001:db8:0:2::1',
      'default via 192.0.2.1',
      'default via 2001:db8:0:1::1',
    ],
  },
}

/** The roles of a plan, each once, in the order of their first cable. */
export function rolesOf(plan: LabPlan): string[] {
  return [...new Set(plan.links.flatMap(({ from, to }) => [from.role, to.role]))]
}
