// FastNetMon's gRPC interface over a desk: both its packages, the same answers. Addresses and statuses are its own.

import { join } from 'node:path'
import {
  type handleServerStreamingCall,
  type handleUnaryCall,
  type ServiceError,
  status,
} from '@grpc/grpc-js'
import { z } from 'zod'
import type { OfferedService } from '#lib/grpc/grpc-server.ts'
import { loadService } from '#lib/grpc/proto-file.ts'
import { formatAddress, formatPadded, parseAddress } from '#lib/ip/address.ts'
import { formatPrefix, parsePrefix } from '#lib/ip/prefix.ts'
import type { FastnetmonDesk, Ordered } from './desk.ts'
import { countersOf } from './totals.ts'

const orderSchema = z.looseObject({ ip_address: z.string().default('') })
const countersSchema = z.looseObject({
  unit: z.string().default(''),
  get_per_protocol_metrics: z.boolean().default(false),
})

/** The services of 1.2.4 and of the newest source. */
export function fastnetmonServices(desk: FastnetmonDesk): OfferedService[] {
  const orders = {
    GetBanlist: banList(desk),
    ExecuteBan: order(addressText, host => desk.ban(host)),
    ExecuteUnBan: order(prefixText, target => desk.unban(target)),
  }
  const totals = {
    GetTotalTrafficCounters: counters(desk, undefined),
    GetTotalTrafficCountersV4: counters(desk, 4),
    GetTotalTrafficCountersV6: counters(desk, 6),
  }
  const load = (file: string, name: string) => loadService(join(import.meta.dirname, file), name)
  return [
    { definition: load('fastnetmon.proto', 'fastmitigation.Fastnetmon'), implementation: orders },
    {
      definition: load('fastnetmon-internal.proto', 'fastnetmoninternal.Fastnetmon'),
      implementation: { ...orders, ...totals },
    },
  ]
}

/** `10.99.1.1/32`, `2001:0db8:0099::0001/128`: IPv4 first, as FastNetMon lists them. */
function banList(desk: FastnetmonDesk): handleServerStreamingCall<object, object> {
  return call => {
    const prefixes = desk
      .banned()
      .map(parsePrefix)
      .filter(prefix => prefix !== undefined)
    for (const { length, ...address } of prefixes.toSorted((a, b) => a.family - b.family)) {
      call.write({ ip_address: `${formatPadded(address)}/${length}` })
    }
    call.end()
  }
}

/** Canonical text of an address. */
function addressText(text: string): string | undefined {
  const address = parseAddress(text)
  return address && formatAddress(address)
}

/** Canonical text of an address, or of a prefix as the ban list shows it. */
function prefixText(text: string): string | undefined {
  const prefix = parsePrefix(text)
  return text.includes('/') ? prefix && formatPrefix(prefix) : addressText(text)
}

function order(
  read: (text: string) => string | undefined,
  carryOut: (target: string) => Promise<Ordered>,
): handleUnaryCall<object, object> {
  return (call, answer) => {
    const target = read(orderSchema.safeParse(call.request).data?.ip_address ?? '')
    if (target === undefined) return answer(failure(status.INVALID_ARGUMENT, 'Malformed IP address'))
    carryOut(target).then(
      ordered => {
        const refused = failureOf(ordered)
        if (refused === undefined) answer(null, { result: true })
        else answer(refused)
      },
      () => answer(failure(status.INTERNAL, 'Something went wrong in Floodwarden; its log says what')),
    )
  }
}

/** FastNetMon takes a ban that stands for a new one, and cancels an unban of what is not banned without a word. */
function failureOf(ordered: Ordered): Partial<ServiceError> | undefined {
  switch (ordered.kind) {
    case 'done':
    case 'already':
      return undefined
    case 'not-banned':
      return failure(status.CANCELLED, '')
    case 'outside':
      return failure(status.INVALID_ARGUMENT, 'This IP does not belong to our subnets')
    case 'refused':
      return failure(status.FAILED_PRECONDITION, ordered.detail)
  }
}

const failure = (code: status, details: string): Partial<ServiceError> => ({ code, details })

function counters(
  desk: FastnetmonDesk,
  family: 4 | 6 | undefined,
): handleServerStreamingCall<object, object> {
  return call => {
    const asked = countersSchema.safeParse(call.request).data
    const unit = asked?.unit ?? ''
    desk.totals(asked?.get_per_protocol_metrics ?? false).then(
      totals => {
        for (const counter of countersOf(totals, family, unit)) call.write(counter)
        call.end()
      },
      () => call.destroy(Object.assign(new Error('no totals'), { code: status.UNAVAILABLE })),
    )
  }
}
