// The catalogue of what can be said about a fastnetmon.conf and the lists beside it.

import type { CatalogueEntry } from '#lib/schema/problem.ts'

export const ERRORS = [
  {
    code: 'fastnetmon-line',
    what: 'A line is not of the form key = value.',
    means: 'FastNetMon ignores such a line, and so do we. A value may not hold a second =.',
    do: 'Correct or remove the line.',
  },
  {
    code: 'fastnetmon-unknown-key',
    what: 'A key is none that FastNetMon knows.',
    means: 'FastNetMon ignores it silently; here it is ignored and named.',
    do: 'Use the nearest known key, which the hint names, or remove the line.',
  },
  {
    code: 'fastnetmon-repeated-key',
    what: 'A key is set more than once.',
    means: 'The last line counts, as in FastNetMon.',
    do: 'Remove the other lines.',
  },
  {
    code: 'fastnetmon-number',
    what: 'A number is followed by other characters, is no number at all, or is beyond what is possible here.',
    means:
      'FastNetMon reads the digits at the beginning and takes 0 when there are none. The message says what is used.',
    do: 'Write digits only, without units, and within the range named.',
  },
  {
    code: 'fastnetmon-switch',
    what: 'A switch is neither on nor off.',
    means: 'Everything but exactly on is off, as in FastNetMon. There are no comments behind a value.',
    do: 'Write on or off.',
  },
  {
    code: 'fastnetmon-choice',
    what: 'A value is none of those the option knows.',
    means: 'The default is used, as in FastNetMon.',
    do: 'Write one of the values the message names.',
  },
  {
    code: 'fastnetmon-zero-limit',
    what: 'A limit is switched on, and its threshold is missing or not above 0.',
    means: 'FastNetMon would ban every host with traffic. Here the limit is left out.',
    do: 'Set the threshold, or switch the limit off.',
  },
  {
    code: 'fastnetmon-hostgroup',
    what: 'A hostgroup or one of its prefixes cannot be used.',
    means: 'It is left out, as in FastNetMon; its hosts have the general limits.',
    do: 'Write hostgroup = name:10.0.0.0/24,10.0.1.0/24, each name and each prefix once.',
  },
  {
    code: 'fastnetmon-hostgroup-match',
    what: 'A hostgroup applies to other hosts here than it did in FastNetMon.',
    means:
      'FastNetMon uses a hostgroup only for hosts whose longest prefix in the networks list equals a prefix of the group. Here it holds for all hosts inside its prefixes.',
    do: 'Nothing when this is what the group was meant for; otherwise narrow its prefixes.',
  },
  {
    code: 'fastnetmon-hostgroup-inherits',
    what: 'A hostgroup leaves options out that have a general value.',
    means:
      'Here the group has the general value. In FastNetMon an option that a group leaves out is off or 0: without enable_ban none of its hosts is ever banned.',
    do: 'Set the options of the group that are to differ, such as name_enable_ban = off for hosts that are never to be banned.',
  },
  {
    code: 'fastnetmon-unused-limit',
    what: 'A threshold is set and its switch is not on.',
    means: 'There is no such limit, as in FastNetMon.',
    do: 'Set the switch the message names to on, or remove the threshold.',
  },
  {
    code: 'fastnetmon-comment',
    what: 'A value holds a # behind a space.',
    means: 'There are no comments behind a value: it is taken whole, as FastNetMon takes it.',
    do: 'Put the comment on a line of its own.',
  },
  {
    code: 'fastnetmon-spaces',
    what: 'A list has spaces beside its commas.',
    means: 'Here they do not count. FastNetMon takes them as a part of the name and does not find it.',
    do: 'Remove the spaces if FastNetMon is to read the file too.',
  },
  {
    code: 'fastnetmon-empty',
    what: 'An option has no value.',
    means: 'It counts as not set.',
    do: 'Write the value, or remove the line.',
  },
  {
    code: 'fastnetmon-syslog',
    what: 'A remote syslog is switched on without a server or without a port.',
    means: 'Nothing is sent, as in FastNetMon.',
    do: 'Set logging_remote_syslog_server to an IP address and logging_remote_syslog_port to a port.',
  },
  {
    code: 'fastnetmon-path',
    what: 'A path does not begin with /.',
    means: 'The option is left out: where a relative path leads depends on who starts us.',
    do: 'Write the whole path.',
  },
  {
    code: 'fastnetmon-encoding',
    what: 'The file is not plain text in UTF-8: it holds zero bytes, or begins with a byte order mark.',
    means:
      'With zero bytes (UTF-16) it is refused. A byte order mark is skipped here; FastNetMon does not understand the first line then.',
    do: 'Save the file as UTF-8 without a byte order mark.',
  },
  {
    code: 'fastnetmon-list-overlap',
    what: 'A prefix of the networks list lies within another one.',
    means: 'Nothing is wrong: hosts belong to the longest prefix that holds them, as in FastNetMon.',
    do: 'Nothing, if both are meant.',
  },
  {
    code: 'fastnetmon-whitelist-rule',
    what: 'A line of the rule file of the whitelist is no rule.',
    means: 'The line is left out: what it would exempt is counted.',
    do: 'Write one JSON object per line, such as {"source_prefix":"192.0.2.0/24","protocols":["udp"]}.',
  },
  {
    code: 'fastnetmon-list-unreadable',
    what: 'The networks list or the whitelist cannot be read.',
    means:
      'A list that does not exist is empty. A list that exists and cannot be read refuses the file: hosts it protects could be banned.',
    do: 'Correct networks_list_path or white_list_path, or the rights of the file.',
  },
  {
    code: 'fastnetmon-list-line',
    what: 'A line of the networks list or the whitelist is no prefix, or has no length.',
    means: 'An address without a length counts as one host; what is no prefix is left out.',
    do: 'Write one prefix such as 192.0.2.0/24 or 2001:db8::/32 per line.',
  },
  {
    code: 'fastnetmon-no-network',
    what: 'There is no network to watch: the networks list is empty and monitor_local_ip_addresses is off.',
    means: 'The file is refused: nothing could ever be found.',
    do: 'Put the prefixes into the networks list.',
  },
  {
    code: 'fastnetmon-no-capture',
    what: 'No capture of frames is switched on.',
    means: 'Nothing is captured until interfaces are named on the command line.',
    do: 'Set mirror_afpacket = on and interfaces.',
  },
  {
    code: 'fastnetmon-interfaces',
    what: 'Capture is switched on without interfaces that can be captured on.',
    means: 'The interface of the default route is used.',
    do: 'Name the interfaces; any is none.',
  },
  {
    code: 'fastnetmon-plain-mode',
    what: 'The file sets average_calculation_time or speed_calculation_delay, so the plain mode decides.',
    means:
      'Hosts are judged by averages, as FastNetMon does: a flood of ten times the limit is found after about a second.',
    do: 'Start with --detection budget to have it found within a tenth of a second.',
  },
  {
    code: 'fastnetmon-report-only',
    what: 'enable_ban is off or missing.',
    means: 'Attacks are found and shown; no script is called.',
    do: 'Set enable_ban = on when the script is to be called.',
  },
  {
    code: 'fastnetmon-no-script',
    what: 'enable_ban is on, and no script is named or found at the usual place.',
    means: 'Attacks are found and shown, and nothing is called.',
    do: 'Set notify_script_path, or put a script at /usr/local/bin/notify_about_attack.sh.',
  },
  {
    code: 'fastnetmon-announcement',
    what: 'A next hop or a community of an announcement is missing or cannot be used.',
    means:
      'What is wrong is left out or replaced, as the message says. Without a next hop ExaBGP is told nothing.',
    do: 'Write one address as next hop, and communities as 65001:666 or [65001:666 65001:777].',
  },
  {
    code: 'fastnetmon-export',
    what: 'A server for Graphite, InfluxDB, ClickHouse or Redis, or a word beside it, cannot be used.',
    means: 'Nothing is sent to the server, or the usual word is taken, as the message says.',
    do: 'Write one name or address as host, and a prefix of letters, digits, dots, _ and -.',
  },
  {
    code: 'fastnetmon-clickhouse-port',
    what: 'clickhouse_metrics is on, and its port is that of the native protocol (9000).',
    means: 'Rows are sent to the same host over HTTP, to port 8123.',
    do: 'Nothing, if ClickHouse listens there; else set clickhouse_metrics_port to the port of its HTTP interface.',
  },
  {
    code: 'fastnetmon-not-carried',
    what: 'An option is switched on that this version does not carry, or is set and has no place here.',
    means: 'It has no effect; the message says what is missing.',
    do: 'Remove the line, or wait for the version that carries it. The page fastnetmon-options.md lists all options.',
  },
] as const satisfies readonly CatalogueEntry[]

export type ConfErrorCode = (typeof ERRORS)[number]['code']
