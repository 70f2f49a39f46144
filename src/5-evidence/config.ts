// Settings of evidence: how much of an attack is kept and shown.

import { z } from 'zod'

const evidenceFilesSchema = z
  .strictObject({
    directory: z
      .string()
      .startsWith('/', { error: 'expected an absolute path' })
      .meta({ title: 'an absolute path', examples: ['/var/log/floodwarden/attacks'] })
      .optional()
      .describe('Where the files are written; made when it is missing. Without it there are none.'),
    text: z.boolean().default(true).describe('Whether reports are written: <ip>_<dd_mm_yy_HH:MM:SS>.txt.'),
    pcap: z
      .boolean()
      .default(false)
      .describe('Whether the packets of evidence.packets are written: <ip>_<dd_mm_yy_HH:MM:SS>.pcap.'),
    filesMax: z
      .int()
      .min(1)
      .max(100_000)
      .default(10_000)
      .describe('Beyond so many the oldest files are deleted.'),
    totalMegabytes: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(1000)
      .describe('Beyond so many megabytes together the oldest files are deleted.'),
    days: z.number().min(0.01).max(3650).default(90).describe('Files are deleted after so many days.'),
  })
  .describe(
    'A report and a capture file for each attack. Only files that were written here are ever deleted.',
  )

const distillSchema = z
  .strictObject({
    enabled: z
      .boolean()
      .default(true)
      .describe(
        'Whether rules are proposed from the packets of an attack; what is done with them is for playbooks.',
      ),
    everySeconds: z
      .number()
      .min(1)
      .max(3600)
      .default(5)
      .describe('While traffic is over its limit they are looked at again after so long.'),
    rulesMax: z.int().min(1).max(16).default(3).describe('Rules against one attack at most.'),
  })
  .describe('FlowSpec rules that take the flood and spare the rest.')

export const evidenceSchema = z
  .strictObject({
    packets: z
      .int()
      .min(0)
      .max(10_000)
      .default(20)
      .describe('Packets collected for each attack. 0: counters only.'),
    collectSeconds: z
      .number()
      .min(0.1)
      .max(120)
      .default(5)
      .describe('Collecting stops after so long, with what there is.'),
    files: evidenceFilesSchema.prefault({}),
    distill: distillSchema.prefault({}),
  })
  .describe('What is kept to prove an attack.')

export type EvidenceConfig = z.infer<typeof evidenceSchema>
export type EvidenceFilesConfig = z.infer<typeof evidenceFilesSchema>
