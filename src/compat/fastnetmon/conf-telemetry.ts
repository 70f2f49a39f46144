// sFlow, NetFlow and IPFIX, as a fastnetmon.conf names them.

import type { z } from 'zod'
import type { telemetrySchema } from '#1-capture/udp/config.ts'
import { parseAddress } from '#lib/ip/address.ts'
import { formatListenAddress } from '#lib/listen-address.ts'
import { confProblem, quote } from './conf-lines.ts'
import type { ConfReading } from './conf-section.ts'
import type { ConfValues } from './conf-values.ts'

/** Where FastNetMon listens when its file does not say. */
const PORTS = { sflow: 6343, netflow: 2055 } as const
const ANY_ADDRESS = '0.0.0.0'

/** Either protocol is taken on every port: a datagram says itself which it is. */
export function readTelemetry({ values }: ConfReading): { telemetry: z.input<typeof telemetrySchema> } {
  const listen = [...listenOf(values, 'sflow'), ...listenOf(values, 'netflow')]
  const isLengthOfIp = values.isOn('sflow') && values.isOn('sflow_read_packet_length_from_ip_header')
  const ratio = values.number('netflow_sampling_ratio', { missing: 1, min: 1, max: 16_777_216 })
  return {
    telemetry: {
      listen: [...new Set(listen)],
      ...(isLengthOfIp ? { length: 'ip' } : {}),
      ...(values.isOn('netflow') ? { fallbackSamplingRate: ratio } : {}),
    },
  }
}

function listenOf(values: ConfValues, name: keyof typeof PORTS): string[] {
  if (!values.isOn(name)) return []
  const host = hostOf(values, `${name}_host`)
  const texts = values.list(`${name}_port`)
  if (texts.length === 0) return [formatListenAddress({ host, port: PORTS[name] })]
  return texts.flatMap(text => {
    const port = /^\d{1,5}$/.test(text) ? Number(text) : 0
    if (port > 0 && port < 65_536) return [formatListenAddress({ host, port })]
    const message = `${name}_port: ${quote(text)} is no port, so nothing listens on it`
    values.problems.push(confProblem('fastnetmon-number', 'warning', values.place(`${name}_port`), message))
    return []
  })
}

function hostOf(values: ConfValues, key: string): string {
  const host = values.text(key) ?? ANY_ADDRESS
  if (parseAddress(host) !== undefined) return host
  const message = `${key}: ${quote(host)} is no address, so all addresses of this machine are listened on`
  values.problems.push(confProblem('fastnetmon-choice', 'warning', values.place(key), message))
  return ANY_ADDRESS
}
