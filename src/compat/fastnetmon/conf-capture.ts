// Capture, as a fastnetmon.conf names it.

import type { z } from 'zod'
import { type captureSchema, FANOUT_MODES } from '#1-capture/config.ts'
import { confProblem } from './conf-lines.ts'
import type { ConfReading } from './conf-section.ts'

const ENGINES = ['mirror_afpacket', 'mirror', 'pcap', 'mirror_afxdp']

/** Whichever engine is switched on, the frames come from our AF_PACKET ring. */
export function readCapture({ values }: ConfReading): { capture: z.input<typeof captureSchema> } {
  const isOn = ENGINES.filter(engine => values.isOn(engine)).length > 0
  const interfaces = values.list('interfaces').filter(name => name !== 'any')
  if (!isOn && !values.isOn('sflow') && !values.isOn('netflow')) {
    const message =
      'no capture is switched on (mirror_afpacket, mirror, pcap, sflow, netflow): nothing is captured'
    values.problems.push(
      confProblem('fastnetmon-no-capture', 'warning', values.place('mirror_afpacket'), message),
    )
  } else if (isOn && interfaces.length === 0) {
    const message = 'no interface is named: the one of the default route is used'
    values.problems.push(confProblem('fastnetmon-interfaces', 'warning', values.place('interfaces'), message))
  }
  const isLengthOfIp =
    values.isOn('af_packet_read_packet_length_from_ip_header') ||
    (values.isOn('mirror_afxdp') && values.isOn('xdp_read_packet_length_from_ip_header'))
  const capture = {
    method: isOn ? ('af-packet' as const) : ('off' as const),
    interfaces,
    samplingRate: values.number('mirror_af_packet_custom_sampling_rate', {
      missing: 1,
      min: 1,
      max: 1_000_000,
    }),
    fanout: values.choice('mirror_af_packet_fanout_mode', FANOUT_MODES, 'cpu'),
    length: isLengthOfIp ? ('ip' as const) : ('frame' as const),
    ...(values.isOn('collect_attack_pcap_dumps') ? { snapBytes: 1500 } : {}),
  }
  return { capture }
}
