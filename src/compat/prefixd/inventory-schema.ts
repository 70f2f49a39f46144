// What prefixd's inventory.yaml may hold.

import { z } from 'zod'
import { ESCALATIONS } from '#6-policy/escalation.ts'

const port = z.int().min(0).max(65_535)

const allowedPorts = z.strictObject({
  udp: z.array(port).max(256).default([]).describe('Ports of UDP; none: nothing is said.'),
  tcp: z.array(port).max(256).default([]).describe('Ports of TCP; none: nothing is said.'),
})

const asset = z.strictObject({
  ip: z.string().describe('An address.'),
  range_end: z.string().nullish().describe('The last address of a range that begins at ip.'),
  role: z.string().nullish().describe('What it is for.'),
  interface: z.string().nullish().describe('Where a router reaches it.'),
})

const service = z.strictObject({
  service_id: z.string().describe('The service is known by this name.'),
  name: z.string().nullish().describe('For people. prefixd demands it, and its own example has none.'),
  assets: z.array(asset).default([]).describe('Where it runs.'),
  allowed_ports: allowedPorts.optional().describe('Ports of the service.'),
})

const customer = z.strictObject({
  customer_id: z.string().describe('The customer is known by this name.'),
  name: z.string().describe('For people.'),
  prefixes: z.array(z.string()).describe('Addresses of the customer.'),
  policy_profile: z
    .enum(ESCALATIONS)
    .optional()
    .describe('How soon attacks on the customer are answered harder.'),
  services: z.array(service).default([]).describe('What runs there.'),
})

export const prefixdInventorySchema = z.strictObject({
  customers: z.array(customer).describe('Whose addresses they are.'),
})

export type PrefixdInventory = z.infer<typeof prefixdInventorySchema>
export type PrefixdService = PrefixdInventory['customers'][number]['services'][number]
