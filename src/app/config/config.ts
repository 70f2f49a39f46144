// The whole configuration: the settings of every part under one roof. An empty file is a valid configuration.

import { z } from 'zod'
import { captureSchema } from '#1-capture/config.ts'
import { telemetrySchema } from '#1-capture/udp/config.ts'
import {
  networksSchema,
  trafficSchema,
  whitelistRulesSchema,
  whitelistSourcesSchema,
} from '#3-traffic/config.ts'
import { detectionSchema, hostgroupsSchema, whitelistSchema } from '#4-detection/config.ts'
import { evidenceSchema } from '#5-evidence/config.ts'
import { policySchema } from '#6-policy/config.ts'
import { inventorySchema } from '#6-policy/inventory-config.ts'
import { playbooksSchema } from '#6-policy/playbook-config.ts'
import { mitigationSchema } from '#7-mitigation/config.ts'
import { eventsSchema } from '#7-mitigation/events-config.ts'
import { profilesSchema } from '#7-mitigation/protection/config.ts'
import { exabgpSchema } from '#8-enforcement/exabgp/config.ts'
import { gobgpSchema } from '#8-enforcement/gobgp/config.ts'
import { mitigatorSchema } from '#8-enforcement/mitigator/config.ts'
import { nftablesSchema } from '#8-enforcement/nftables/config.ts'
import { notifyScriptSchema } from '#8-enforcement/notify-script/config.ts'
import { apiSchema } from '#api/config.ts'
import { compatibilitySchema } from '#compat/config.ts'
import { signalsSchema } from '#compat/prefixd/api/signals-config.ts'
import { clickhouseSchema } from '#export/clickhouse/config.ts'
import { graphiteSchema } from '#export/graphite/config.ts'
import { influxdbSchema } from '#export/influxdb/config.ts'
import { otlpSchema } from '#export/otlp/config.ts'
import { metricsSchema } from '#export/prometheus/config.ts'
import { redisSchema } from '#export/redis/config.ts'
import { lazily } from '#lib/lazily.ts'
import { logSchema } from '#lib/log/config.ts'
import { processSchema } from '#lib/pid-file/config.ts'
import { settingsOf } from '#lib/schema/settings.ts'
import { notifySchema } from '#notify/config.ts'
import { outgoingSchema } from '#notify/webhook/config.ts'
import { storeSchema } from '#store/config.ts'
import { screenSchema } from '#tui/config.ts'

const enforcementSchema = z
  .strictObject({
    notifyScript: notifyScriptSchema.prefault({}),
    exabgp: exabgpSchema.prefault({}),
    gobgp: gobgpSchema.prefault({}),
  })
  .describe('Who carries mitigations out.')

const protectionSchema = z
  .strictObject({
    profiles: profilesSchema,
    geo: z
      .strictObject({
        database: z
          .string()
          .min(1)
          .max(4096)
          .optional()
          .describe('A CSV file of prefixes or ranges of addresses, each with the code of a country.')
          .meta({ examples: ['/var/lib/floodwarden/countries.csv'] }),
      })
      .prefault({})
      .describe('Which country an address is in.'),
    nftables: nftablesSchema.prefault({}),
    mitigator: mitigatorSchema.prefault({}),
  })
  .describe('Protection profiles, on this machine or at a scrubber.')

const exportSchema = z
  .strictObject({
    graphite: graphiteSchema.prefault({}),
    influxdb: influxdbSchema.prefault({}),
    clickhouse: clickhouseSchema.prefault({}),
    otlp: otlpSchema.prefault({}),
    redis: redisSchema.prefault({}),
  })
  .describe('Numbers and attacks for other systems.')

export const configSchema = z
  .strictObject({
    networks: networksSchema,
    whitelist: whitelistSchema,
    whitelistSources: whitelistSourcesSchema,
    whitelistRules: whitelistRulesSchema,
    hostgroups: hostgroupsSchema,
    capture: captureSchema.prefault({}),
    telemetry: telemetrySchema.prefault({}),
    traffic: trafficSchema.prefault({}),
    detection: detectionSchema.prefault({}),
    evidence: evidenceSchema.prefault({}),
    policy: policySchema.prefault({}),
    inventory: inventorySchema.prefault({}),
    playbooks: playbooksSchema,
    mitigation: mitigationSchema.prefault({}),
    events: eventsSchema.prefault({}),
    signals: signalsSchema.prefault({}),
    enforcement: enforcementSchema.prefault({}),
    protection: protectionSchema.prefault({}),
    notify: notifySchema.prefault({}),
    outgoing: outgoingSchema.prefault({}),
    api: apiSchema.prefault({}),
    metrics: metricsSchema.prefault({}),
    export: exportSchema.prefault({}),
    compatibility: compatibilitySchema.prefault({}),
    screen: screenSchema.prefault({}),
    log: logSchema.prefault({}),
    process: processSchema.prefault({}),
    store: storeSchema.prefault({}),
  })
  .describe('The configuration of Floodwarden.')

/** As written: `networks` may still say `own`. */
export type Config = z.infer<typeof configSchema>

/** Ready for use: prefixes in canonical text, `own` replaced by the addresses of this machine. */
export type ResolvedConfig = Config & { networks: string[] }

/** What an empty file means. */
export const defaultConfig = (): Config => configSchema.parse({})

/** The tree of all settings, with words for people. To make it would take a tenth of each start, and few starts ask for it. */
export const settingsTree = lazily(() => settingsOf(configSchema))
