// The packets of an attack as a capture: no JSON, but a classic pcap as the body of the answer.

export const CAPTURE = {
  method: 'GET',
  path: '/api/v1/attacks/:id/packets.pcap',
  type: 'application/vnd.tcpdump.pcap',
} as const
