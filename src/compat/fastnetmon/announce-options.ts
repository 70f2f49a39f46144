// The options of fastnetmon.conf about announcements: name, kind, setting below that of the enforcer, note.

const WHOLE_SUBNET =
  'Off when not set. The longest of our networks around the host, until the last ban in it ends; for a ban by hand too.'
const OWN_HOP = 'Used instead of the common next hop unless it is zero.'

export const EXABGP_ROWS = [
  ['exabgp', 'switch', '', 'Off when not set.'],
  ['exabgp_command_pipe', 'path', 'pipe', '/var/run/exabgp.cmd when not set.'],
  ['exabgp_next_hop', 'text', 'hostIpv4.nextHop', 'Without it nothing is announced by ExaBGP.'],
  ['exabgp_community', 'text', 'hostIpv4.communities', 'One, or several in brackets: [65001:666 65001:777].'],
  ['exabgp_community_host', 'text', 'hostIpv4.communities', 'exabgp_community when not set.'],
  ['exabgp_community_subnet', 'text', 'networkIpv4.communities', 'exabgp_community when not set.'],
  ['exabgp_announce_host', 'switch', 'hostIpv4', 'Off when not set.'],
  ['exabgp_announce_whole_subnet', 'switch', 'networkIpv4', WHOLE_SUBNET],
] as const

export const GOBGP_ROWS = [
  ['gobgp', 'switch', '', 'Off when not set. gobgpd is reached at 127.0.0.1:50051.'],
  ['gobgp_next_hop', 'text', 'hostIpv4.nextHop', '0.0.0.0 when not set: the address of gobgpd itself.'],
  ['gobgp_next_hop_ipv6', 'text', 'hostIpv6.nextHop', '100::1 when not set.'],
  ['gobgp_next_hop_host_ipv4', 'text', 'hostIpv4.nextHop', `${OWN_HOP} FastNetMon never reads it.`],
  ['gobgp_next_hop_subnet_ipv4', 'text', 'networkIpv4.nextHop', `${OWN_HOP} FastNetMon never reads it.`],
  ['gobgp_next_hop_host_ipv6', 'text', 'hostIpv6.nextHop', OWN_HOP],
  ['gobgp_next_hop_subnet_ipv6', 'text', 'networkIpv6.nextHop', OWN_HOP],
  ['gobgp_announce_host', 'switch', 'hostIpv4', 'Off when not set.'],
  ['gobgp_announce_whole_subnet', 'switch', 'networkIpv4', WHOLE_SUBNET],
  ['gobgp_announce_host_ipv6', 'switch', 'hostIpv6', 'Off when not set.'],
  [
    'gobgp_announce_whole_subnet_ipv6',
    'switch',
    'networkIpv6',
    'Off when not set. FastNetMon says that it cannot; here it is done.',
  ],
  ['gobgp_community_host', 'text', 'hostIpv4.communities', '65001:668 when not set.'],
  ['gobgp_community_subnet', 'text', 'networkIpv4.communities', '65001:667 when not set.'],
  ['gobgp_community_host_ipv6', 'text', 'hostIpv6.communities', '65001:668 when not set.'],
  ['gobgp_community_subnet_ipv6', 'text', 'networkIpv6.communities', '65001:667 when not set.'],
] as const
