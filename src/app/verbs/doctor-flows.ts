// What is wrong with the flows that exporters tell of: not our networks, one direction only, told of twice.
//
// By a look at some records of each exporter (telemetry/record-looks.ts): shares, never whole numbers of packets.

import type { Exporter, LookedRecords } from '#api/contract/exporters.ts'
import { grouped, percentText } from '#lib/number-text.ts'
import { type Cause, each, nameOf, shownOf, warning } from './doctor-cause.ts'

/** From fewer records nothing is concluded. */
const ENOUGH = 500
/** More than this between addresses that are not ours: most. */
const FOREIGN_SHARE = 0.5
/** Where both directions are told of there is more than this of each, also while a flood comes in. */
const LITTLE_SHARE = 0.002
/** Flows change their way now and then, and forged ones come in by many ways at once. */
const TWICE_SHARE = 0.05
/** What is watched where it comes in and where it goes out as well shows about half of each. */
const BALANCED_SHARE = 0.2

const share = (part: number, whole: number): string => percentText(Math.round((part / whole) * 1000) / 10)

const foreign: Cause = seen =>
  each(
    seen,
    ({ looked: { records, other } }) =>
      records < ENOUGH || other / records <= FOREIGN_SHARE
        ? undefined
        : `${share(other, records)} of ${grouped(records)} records`,
    list =>
      warning(
        `neither address is in networks (${networksText(seen.config.networks)}): ${list}`,
        'add the networks that are yours; or the exporter tells of foreign traffic: have only interfaces towards your networks export, or name them under interfaces in telemetry.exporters',
      ),
  )

const networksText = (networks: readonly string[]): string =>
  networks.length === 0 ? 'none is listed' : shownOf(networks)

const oneDirection: Cause = seen =>
  each(
    seen,
    exporter => {
      const { incoming, outgoing } = exporter.looked
      const { traffic } = seen.config
      const both = incoming + outgoing
      // Whoever has records left out, or one direction not counted, has asked for it.
      if (both < ENOUGH || isFiltered(exporter) || !traffic.incoming || !traffic.outgoing) return undefined
      if (Math.min(incoming, outgoing) / both >= LITTLE_SHARE) return undefined
      const [many, few] = incoming > outgoing ? ['incoming', 'outgoing'] : ['outgoing', 'incoming']
      return `${grouped(Math.max(incoming, outgoing))} ${many} records, ${grouped(Math.min(incoming, outgoing))} ${few}`
    },
    list =>
      warning(
        `likely only one direction is told of: ${list}`,
        'have interfaces on both sides export what comes in, or those towards the outside what comes in and what goes out; it is well where the other direction takes another router, or while a flood drowns it',
      ),
  )

const isFiltered = ({ countOnly, notCounted }: Exporter): boolean => countOnly !== 'both' || notCounted > 0

const bothWays: Cause = seen =>
  each(
    seen,
    ({ looked }) => {
      const { records } = looked
      if (records < ENOUGH) return undefined
      if (looked.bothWays / records > TWICE_SHARE)
        return `${share(looked.bothWays, records)} of ${grouped(records)} records are of flows it told of the other way before`
      return balancedText(looked)
    },
    list =>
      warning(
        `likely packets are counted twice, where they come in and where they go out: ${list}`,
        'set countOnly: ingress in telemetry.exporters, or have it export one of both',
      ),
  )

/** Sampled flows hardly meet: but what comes towards us enters by the outside, and goes out by it on the way back. */
function balancedText(looked: LookedRecords): string | undefined {
  const ways = [
    ['incoming', looked.incomingIngress, looked.incomingEgress],
    ['outgoing', looked.outgoingIngress, looked.outgoingEgress],
  ] as const
  const [found] = ways.filter(
    ([, ingress, egress]) =>
      ingress + egress >= ENOUGH && Math.min(ingress, egress) / (ingress + egress) > BALANCED_SHARE,
  )
  if (found === undefined) return undefined
  const [name, ingress, egress] = found
  return `${grouped(ingress)} ${name} records by ingress, ${grouped(egress)} by egress`
}

const twoExporters: Cause = ({ exporters: { exporters } }) => {
  const told = new Set<string>()
  const pairs = exporters.flatMap(exporter =>
    exporter.looked.alsoFrom.flatMap(({ address, records }) => {
      const all = exporter.looked.records
      const pair = [exporter.address, address].toSorted().join(' ')
      if (all < ENOUGH || records / all <= TWICE_SHARE || told.has(pair)) return []
      told.add(pair)
      const other = exporters.find(one => one.address === address) ?? { address, name: '' }
      return [
        `${share(records, all)} of ${grouped(all)} records of ${nameOf(exporter)} are of flows that ${nameOf(other)} told of too`,
      ]
    }),
  )
  if (pairs.length === 0) return []
  return [
    warning(
      `likely packets are counted twice, by two exporters: ${shownOf(pairs)}`,
      'let only the interfaces at the edge export, or name them under interfaces in telemetry.exporters with countOnly: ingress',
    ),
  ]
}

export const FLOW_CAUSES: readonly Cause[] = [foreign, oneDirection, bothWays, twoExporters]
