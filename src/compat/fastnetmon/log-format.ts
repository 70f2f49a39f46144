// Our log in the words of FastNetMon 1.2.4, for programs that look for its lines. What it has no words for stands in
// the same frame as `message key=value`.

import { formatPadded, parseAddress } from '#lib/ip/address.ts'
import type { Plain } from '#lib/log/facts.ts'
import { messageText, type Worded, type Wording } from '#lib/log/text-line.ts'

type Facts = Readonly<Record<string, Plain>>

/** What FastNetMon would have written for this message: one line or several. */
export const fastnetmonWording: Wording = (level, message, facts) => {
  const own = Object.hasOwn(WORDS, message) ? WORDS[message]?.(facts) : undefined
  return own ?? [{ level, text: messageText(message, facts).trimEnd() }]
}

/** By the message of ours. `undefined`: this one it would not have told. */
const WORDS: Readonly<Record<string, (facts: Facts) => readonly Worded[] | undefined>> = {
  'attack opened': opened,
  'attack ended': ended,
  'attack still going': facts => [
    { level: 'error', text: `Attack to IP ${ip(facts)} still going! We should not unblock this host` },
  ],
  'notify script called': called,
  'notify script ended': finished,
  'notify script failed': facts => [
    ...finished(facts),
    { level: 'error', text: messageText('notify script failed', facts).trimEnd() },
  ],
  'exabgp told': facts => [info(`ExaBGP announce message: ${text(facts, 'line')}`)],
}

function opened(facts: Facts): readonly Worded[] {
  const direction = text(facts, 'direction')
  if (facts['origin'] === 'manual') return [info('API call ban handlers manually')]
  return [
    info(
      'We run execute_ip_ban code with following params ' +
        ` in_pps: ${whole(facts, 'incomingPackets')} out_pps: ${whole(facts, 'outgoingPackets')}` +
        ` in_bps: ${whole(facts, 'incomingBytes')} out_bps: ${whole(facts, 'outgoingBytes')}` +
        ` and we decide it's ${direction} attack`,
    ),
    info(`Attack with direction: ${direction} IP: ${ip(facts)} Power: ${whole(facts, 'power')}`),
  ]
}

/** A ban that an operator ended is told with 0 seconds there too. */
function ended(facts: Facts): readonly Worded[] {
  const byOperator = facts['endedBy'] === 'operator'
  const seconds = byOperator ? 0 : whole(facts, 'banSeconds')
  return [
    ...(byOperator ? [info(`API: We asked for unban for IP: ${ip(facts)}`)] : []),
    info(`We will unban banned IP: ${ip(facts)} because it ban time ${seconds} seconds is ended`),
  ]
}

function called(facts: Facts): readonly Worded[] {
  const { action } = facts
  if (action !== 'attack_details') return [info(`Call script for ${action} client: ${ip(facts)}`)]
  const head = `Attack with direction: ${text(facts, 'direction')} IP: ${ip(facts)} Power: ${whole(facts, 'power')}`
  return [
    info(`${head} traffic samples collected`),
    info(`Call script for notify about attack details for: ${ip(facts)}`),
  ]
}

function finished(facts: Facts): readonly Worded[] {
  const { action, status } = facts
  const what =
    action === 'attack_details'
      ? `Script for notify about attack details is finished: ${ip(facts)}`
      : `Script for ${action} client is finished: ${ip(facts)}`
  return [info(what), ...(typeof status === 'number' ? [info(`Subprocess exit code: ${status}`)] : [])]
}

const info = (words: string): Worded => ({ level: 'info', text: words })

const text = (facts: Facts, name: string): string => String(facts[name] ?? '')
const whole = (facts: Facts, name: string): number => Math.floor(Number(facts[name] ?? 0))

/** IPv6 with all its zeros, as FastNetMon writes it. */
function ip(facts: Facts): string {
  const host = text(facts, 'host')
  const address = parseAddress(host)
  return address === undefined ? host : formatPadded(address)
}
