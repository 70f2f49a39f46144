// Which protection profile a packet meets: the closest around its target whose traffic it is, else general protection.

import { profileAround } from '#6-policy/countermeasure.ts'
import type { ConfiguredProfile } from '#7-mitigation/protection/configured-profile.ts'
import type { LookedUpPacket } from '#7-mitigation/protection/desk.ts'
import { matches } from '#lib/flowspec/matches.ts'
import { parseRule } from '#lib/flowspec/parse.ts'
import type { Rule } from '#lib/flowspec/rule.ts'
import { parsePrefix } from '#lib/ip/prefix.ts'
import { profileMeans } from './configured-profiles.ts'

export function profileForPacket(
  profiles: readonly ConfiguredProfile[],
  packet: LookedUpPacket,
): ConfiguredProfile | undefined {
  const target = parsePrefix(packet.target)
  if (target === undefined) return undefined
  const meeting = profiles.filter(profile => isTraffic(profile, packet))
  const found = profileAround(profileMeans(meeting), target)
  return meeting.find(({ id }) => id === found?.id)
}

function isTraffic({ traffic }: ConfiguredProfile, packet: LookedUpPacket): boolean {
  if (traffic === undefined) return true
  return traffic.some(text => {
    const read = parseRule(text)
    return read.kind === 'parsed' && couldBe(read.value, packet)
  })
}

/** What is not known of the packet is taken to fit. */
function couldBe({ family, components }: Rule, { target, protocol, targetPort }: LookedUpPacket): boolean {
  const address = parsePrefix(target)
  if (address === undefined) return false
  const isKnown = ({ type }: Rule['components'][number]): boolean =>
    type === 'destination' ||
    (type === 'protocol' && protocol !== undefined) ||
    (type === 'destination-port' && targetPort !== undefined)
  const packet = {
    ...{ source: address, target: address, protocol: protocol ?? 0, length: 0, dscp: 0, fragment: 0 },
    ...(targetPort === undefined ? {} : { targetPort }),
  }
  return matches({ family, components: components.filter(isKnown) }, packet)
}
