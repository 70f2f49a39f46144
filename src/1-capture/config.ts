// Settings of capture: where packets come from and how.

import { z } from 'zod'

export const FANOUT_MODES = ['cpu', 'lb', 'hash', 'random', 'rollover', 'queue_mapping'] as const

/** As the kernel allows them (dev_valid_name): up to 15 bytes without space, slash or colon. */
const INTERFACE_NAME = /^(?!\.{1,2}$)[^\s/:]{1,15}$/

const interfaceName = z
  .string()
  .refine(text => INTERFACE_NAME.test(text), {
    error: 'expected the name of an interface such as eth0 (up to 15 characters)',
  })
  .meta({ title: 'the name of an interface such as eth0' })

export const captureSchema = z
  .strictObject({
    method: z
      .enum(['af-packet', 'off'])
      .default('af-packet')
      .describe(
        "af-packet: frames of the interfaces, from the kernel's ring. off: no live capture; so it is too when telemetry.listen is set and neither this nor interfaces are.",
      ),
    interfaces: z
      .array(interfaceName)
      .max(64)
      .default([])
      .describe('Interfaces to capture on. Empty: the interface of the default route.'),
    workers: z
      .int()
      .min(1)
      .max(64)
      .default(1)
      .describe('Worker threads per interface. One keeps up with several million packets per second.'),
    fanout: z
      .enum(FANOUT_MODES)
      .default('cpu')
      .describe('How the kernel spreads packets over the workers of an interface (PACKET_FANOUT).'),
    ringMegabytes: z
      .int()
      .min(1)
      .max(2047)
      .default(32)
      .describe('Ring buffer per worker, in MiB. 32 MiB hold about 0.1 s at 2 million packets per second.'),
    promiscuous: z
      .boolean()
      .default(true)
      .describe('Also take frames that are not addressed to this machine.'),
    direction: z
      .enum(['ingress', 'both'])
      .default('ingress')
      .describe('ingress: each packet once, as it arrives. both: also what this machine sends.'),
    samplingRate: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(1)
      .describe('Each packet stands for so many: for a mirror port that sends one packet in N.'),
    length: z
      .enum(['frame', 'ip'])
      .default('frame')
      .describe('Bytes that are counted: the frame without its checksum, or the length in the IP header.'),
    snapBytes: z
      .int()
      .min(96)
      .max(1500)
      .default(128)
      .describe('Bytes of each frame that are looked at and kept as evidence. 1500 for complete packets.'),
    tunnels: z
      .enum(['outer', 'inner'])
      .default('outer')
      .describe('Whose addresses count for GRE and IP-in-IP: those of the tunnel or of the packet inside.'),
  })
  .describe('Where packets come from.')

export type CaptureConfig = z.infer<typeof captureSchema>
