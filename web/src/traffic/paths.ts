// Where hosts, networks and hostgroups are looked at.

export const hostPath = (host: string): string => `/hosts/${encodeURIComponent(host)}`
/** `series` as the history of traffic names it: `network:192.0.2.0/24`. */
export const seriesPath = (series: string): string => `/traffic/${encodeURIComponent(series)}`
