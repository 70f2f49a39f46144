// Settings of the inventory: who has which addresses, what runs on them, and at which POP they are.

import { z } from 'zod'
import { numberOrRange, prefixText } from '#3-traffic/config.ts'
import { ESCALATIONS } from './escalation.ts'

const id = z.string().min(1).max(128)
const words = z.string().max(256)

const ports = z.array(numberOrRange).min(1).max(256).optional()

const allowedPorts = z
  .strictObject({
    tcp: ports.describe('Ports of TCP.'),
    udp: ports.describe('Ports of UDP.'),
  })
  .describe('Ports that are meant to be reached, by protocol. A protocol that is left out says nothing.')

const pop = z
  .strictObject({
    id: id.describe('By this name customers and assets refer to it.'),
    name: words.optional().describe('For people; left out: the id.'),
  })
  .describe('A point of presence.')

const service = z
  .strictObject({
    id: id.describe('By this name assets of the customer refer to it.'),
    name: words.optional().describe('For people; left out: the id.'),
    allowedPorts: allowedPorts.optional(),
  })
  .describe('What runs on addresses of a customer.')

const asset = z
  .strictObject({
    prefix: z
      .string()
      .max(128)
      .meta({
        title: 'a prefix, an address or a range of addresses such as 192.0.2.10-192.0.2.20',
        examples: ['192.0.2.10-192.0.2.20'],
      })
      .describe('A prefix, an address, or a range of addresses; within one prefix of its customer.'),
    service: id.optional().describe('The id of a service of the same customer.'),
    role: words.optional().describe('What it is for, in words of yours.'),
    interface: words
      .optional()
      .describe('The interface of a router behind which it is; signals that name it are matched by it.')
      .meta({ examples: ['edge1:xe-0/0/1'] }),
    pop: id.optional().describe('The id of its POP; left out: that of its customer.'),
    allowedPorts: allowedPorts
      .optional()
      .describe('Ports that are meant to be reached; left out: those of its service.'),
  })
  .describe('Addresses of a customer that are known by themselves.')

/** As DDPS has it for each customer. */
const RULES_MAX = 512

const rules = z
  .strictObject({
    activeMax: z
      .int()
      .min(0)
      .max(100_000)
      .default(RULES_MAX)
      .describe('Rules and blackholes that are live at the same time, those that begin later among them.'),
    newPerMinute: z
      .int()
      .min(0)
      .max(100_000)
      .default(RULES_MAX)
      .describe('Rules and blackholes that are made within any minute.'),
  })
  .prefault({})
  .describe('How many rules people may make for addresses of the customer.')

const customer = z
  .strictObject({
    id: id.describe('The customer is known by this name everywhere.'),
    name: words.optional().describe('For people; left out: the id.'),
    pop: id.optional().describe('The id of its POP.'),
    prefixes: z
      .array(
        z
          .string()
          .max(128)
          .meta({ title: prefixText.meta()?.title ?? '' }),
      )
      .max(65_536)
      .describe('All addresses of the customer; no other customer may have any of them.'),
    rules,
    escalation: z
      .enum(ESCALATIONS)
      .optional()
      .describe(
        'How soon a playbook goes up a step for attacks on the customer: after half of the seconds of the step (strict), after these (normal), or after twice as many (relaxed). Left out: normal.',
      ),
    services: z.array(service).max(4096).default([]).describe('What runs there.'),
    assets: z
      .array(asset)
      .max(65_536)
      .default([])
      .describe('Addresses of which more is known; the smallest one that holds an address counts.'),
  })
  .describe('Whom addresses belong to.')

/** Shapes and bounds only: what the texts mean together is for `buildInventory`, which tells all that is wrong at once. */
export const inventorySchema = z
  .strictObject({
    pops: z.array(pop).max(4096).default([]).describe('Points of presence.'),
    customers: z.array(customer).max(65_536).default([]).describe('Whose addresses they are.'),
  })
  .describe('Customers, their services and addresses.')

export type InventoryConfig = z.infer<typeof inventorySchema>
export type CustomerConfig = InventoryConfig['customers'][number]
export type AssetConfig = CustomerConfig['assets'][number]
export type AllowedPortsConfig = NonNullable<AssetConfig['allowedPorts']>
