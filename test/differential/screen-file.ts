// The screen files both programs write for fastnetmon_client, read strictly: an unknown line is an error.

import assert from 'node:assert/strict'

export interface ScreenRow {
  readonly pps: number
  readonly mbps: number
  /** Missing on the title lines of IPv6. */
  readonly flows: number | undefined
  readonly banned: boolean
}

export interface Screen {
  /** Totals by direction. */
  readonly totals: ReadonlyMap<string, ScreenRow>
  /** Hosts by direction and address: `incoming 10.10.1.1`. */
  readonly hosts: ReadonlyMap<string, ScreenRow>
  /** `10.10.1.1 incoming`. */
  readonly bans: readonly string[]
}

const TITLE = /^(Incoming|Outgoing|Internal|Other) traffic\t+ *(\d+) pps +(\d+) mbps(?: +(\d+) flows)?$/
const HOST = /^([0-9a-f.:]+)\t+ *(\d+) pps +(\d+) mbps +(\d+) flows ( \*banned\* )?$/
const BAN = /^([0-9a-f.:]+)\/\d+ pps (incoming|outgoing|other) at \d\d_\d\d_\d\d_\d\d:\d\d:\d\d$/
const OTHERS = [
  /^$/,
  /^(?:FastNetMon|Floodwarden) .*$/,
  /^IPs ordered by: (?:packets|bytes|flows)$/,
  /^Screen updated in:\t\t\d+(?:\.\d+)?(?:e-\d+)? sec$/,
  /^Traffic calculated in:\t\t\d+ sec \d+ microseconds$/,
  /^(?:ALERT! )?Not processed packets: \d+ pps$/,
  /^Ban list:$/,
]

export function readScreen(text: string): Screen {
  const totals = new Map<string, ScreenRow>()
  const hosts = new Map<string, ScreenRow>()
  const bans: string[] = []
  let direction = ''
  for (const line of text.split('\n')) {
    const title = TITLE.exec(line)
    const host = HOST.exec(line)
    const ban = BAN.exec(line)
    if (title !== null) {
      direction = title[1]!.toLowerCase()
      totals.set(direction, rowOf(title, false))
    } else if (host !== null) hosts.set(`${direction} ${host[1]}`, rowOf(host, host[5] !== undefined))
    else if (ban !== null) bans.push(`${ban[1]} ${ban[2]}`)
    else
      assert.ok(
        OTHERS.some(known => known.test(line)),
        `an unknown line on the screen: ${JSON.stringify(line)}`,
      )
  }
  return { totals, hosts, bans }
}

const rowOf = (found: RegExpExecArray, banned: boolean): ScreenRow => ({
  pps: Number(found[2]),
  mbps: Number(found[3]),
  flows: found[4] === undefined ? undefined : Number(found[4]),
  banned,
})
