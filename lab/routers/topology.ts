// A small network with a real router: outside, two of our hosts behind it, and a detector that sees what comes in.
//
// What the router receives from outside is copied to the mirror port before it is routed, so that a flood is seen for as
// long as it comes, whether the router drops it or not.

import type { Lab, Link } from '../namespace.ts'
import type { LabPlan, LinkPlan } from '../plan.ts'

export const AS = 65_001
export const OUR_NETWORKS = ['203.0.113.0/24', '2001:db8:113::/48'] as const
/** The two hosts of ours. */
export const VICTIM = { ipv4: '203.0.113.10', ipv6: '2001:db8:113:1::10' } as const
export const NEIGHBOUR = { ipv4: '203.0.113.18', ipv6: '2001:db8:113:2::10' } as const

/** A session between the detector and a router. */
export interface Peering {
  readonly role: string
  readonly speaker: { readonly ipv4: string; readonly ipv6: string }
  readonly router: { readonly ipv4: string; readonly ipv6: string }
}

const peeringOf = (role: string, net: number): Peering => ({
  role,
  speaker: { ipv4: `10.0.${net}.114`, ipv6: `fd00:${net}::114` },
  router: { ipv4: `10.0.${net}.1`, ipv6: `fd00:${net}::1` },
})

/** The router that traffic passes. */
export const ROUTER = peeringOf('router', 3)
/** Routers that only take part in BGP. */
export const ONLOOKERS = [peeringOf('bird', 4), peeringOf('frr', 5)] as const

const controlCable = ({ role, speaker, router }: Peering): LinkPlan => ({
  from: { role: 'detector', addresses: [`${speaker.ipv4}/24`, `${speaker.ipv6}/64`] },
  to: { role, addresses: [`${router.ipv4}/24`, `${router.ipv6}/64`] },
})

const cable = (from: [role: string, ...string[]], to: [role: string, ...string[]]): LinkPlan => ({
  from: { role: from[0], addresses: from.slice(1) },
  to: { role: to[0], addresses: to.slice(1) },
})

/** Cables in the order in which `cablesOf` names them. */
export const routedPlan = (onlookers: readonly Peering[] = []): LabPlan => ({
  links: [
    cable(
      ['outside', '198.51.100.2/24', '2001:db8:a::2/64'],
      ['router', '198.51.100.1/24', '2001:db8:a::1/64'],
    ),
    cable(
      ['router', '203.0.113.1/28', '2001:db8:113:1::1/64'],
      ['victim', `${VICTIM.ipv4}/28`, `${VICTIM.ipv6}/64`],
    ),
    cable(
      ['router', '203.0.113.17/28', '2001:db8:113:2::1/64'],
      ['neighbour', `${NEIGHBOUR.ipv4}/28`, `${NEIGHBOUR.ipv6}/64`],
    ),
    cable(['router'], ['detector']),
    controlCable(ROUTER),
    ...onlookers.map(controlCable),
  ],
  ipv6: true,
  forwarding: ['router'],
})

export interface Cables {
  /** From outside to the router. */
  readonly outside: Link
  readonly victim: Link
  readonly neighbour: Link
  /** From the router's mirror port to the detector. */
  readonly mirror: Link
  /** From the detector to the router. */
  readonly control: Link
}

export function cablesOf(lab: Lab): Cables {
  const [outside, victim, neighbour, mirror, control] = lab.links as [Link, Link, Link, Link, Link]
  return { outside, victim, neighbour, mirror, control }
}

/** Copies what the router receives from outside to the mirror port. */
export async function startMirror(lab: Lab): Promise<void> {
  const { outside, mirror } = cablesOf(lab)
  const input = `table netdev mirror {
  chain copy {
    type filter hook ingress device "${outside.to.interface}" priority -300; policy accept;
    dup to "${mirror.from.interface}"
  }
}
`
  const { code, stderr } = await lab.exec('router', ['nft', '-f', '-'], { input })
  if (code !== 0) throw new Error(`the mirror port: ${stderr}`)
}
