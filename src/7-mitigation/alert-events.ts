// What people can be told of: the kinds of alerts, in the words of prefixd.

export const ALERT_EVENTS = [
  'mitigation.created',
  'mitigation.escalated',
  'mitigation.withdrawn',
  'mitigation.expired',
  'config.reloaded',
  'guardrail.rejected',
] as const
export type AlertEvent = (typeof ALERT_EVENTS)[number]
