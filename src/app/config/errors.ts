// The catalogue of what can be wrong with a configuration, whatever format it is written in.

import type { CatalogueEntry } from '#lib/schema/problem.ts'

const REFUSED = 'The file is refused as a whole: a start fails, and a running daemon keeps what it has.'

export const ERRORS = [
  {
    code: 'config-network-in-use',
    what: 'A rule by a person is live in a network or customer prefix that the file no longer has.',
    means: 'The reload is refused as a whole: what was in force stays, the rule among it.',
    do: 'Withdraw the rules that are named, or wait for their end, then reload again.',
  },
  {
    code: 'config-telemetry-twice',
    what: 'Flow telemetry is to be received twice on the same address and port, or two exporters have the same prefix.',
    means: REFUSED,
    do: 'Keep one of the two.',
  },
  {
    code: 'config-telemetry-open',
    what: 'Flow telemetry is received, and telemetry.exporters names nobody.',
    means:
      'Whoever can send a datagram to the port can pretend traffic that is not there, and have hosts banned.',
    do: 'List the addresses of the routers and switches under telemetry.exporters, or let a firewall choose who may send.',
  },
  {
    code: 'config-unreadable',
    what: 'The configuration file is missing, is no regular file, or may not be read.',
    means: REFUSED,
    do: 'Check the path and that the user Floodwarden runs as may read it.',
  },
  {
    code: 'config-too-large',
    what: 'The configuration file is larger than 1 MiB.',
    means: REFUSED,
    do: 'Write long lists of addresses as prefixes.',
  },
  {
    code: 'config-not-utf8',
    what: 'The file holds bytes that are not UTF-8.',
    means: REFUSED,
    do: 'Save the file as UTF-8; the position names the first wrong byte.',
  },
  {
    code: 'config-yaml-syntax',
    what: 'The text is not valid YAML 1.2, or not one document of keys and values.',
    means: REFUSED,
    do: 'Correct the place named. Indent with spaces and quote text that holds special characters.',
  },
  {
    code: 'config-duplicate-key',
    what: 'A section holds the same key twice.',
    means: REFUSED,
    do: 'Keep one of the two.',
  },
  {
    code: 'config-alias-limit',
    what: 'The file uses more aliases (*name) than are allowed.',
    means: REFUSED,
    do: 'Write the repeated values out.',
  },
  {
    code: 'config-unknown-key',
    what: 'A key is not known where it stands.',
    means: REFUSED,
    do: 'Use the nearest known key, which the hint names, or move the key to the section it belongs to.',
  },
  {
    code: 'config-missing-key',
    what: 'A section lacks a key it cannot do without.',
    means: REFUSED,
    do: 'Add the key.',
  },
  {
    code: 'config-wrong-type',
    what: 'A value is of another type than the setting.',
    means: REFUSED,
    do: 'Write what the message expects.',
  },
  {
    code: 'config-impossible-value',
    what: 'A value is out of range or none of those that are possible.',
    means: REFUSED,
    do: 'Choose a value within what the message expects.',
  },
  {
    code: 'config-hostgroup-twice',
    what: 'The same prefix is listed in two hostgroups.',
    means: REFUSED,
    do: 'Remove the prefix from one of the two. A longer prefix inside a shorter one is fine.',
  },
  {
    code: 'config-more',
    what: 'There are more problems of one kind than are listed.',
    means: 'The others are of the same kind and severity.',
    do: 'Correct the listed ones and check again.',
  },
  {
    code: 'config-host-bits',
    what: 'A prefix has bits set beyond its length.',
    means: 'The bits are cleared: 10.0.0.1/8 is used as 10.0.0.0/8.',
    do: 'Write the network address, or the length that was meant.',
  },
  {
    code: 'config-default-route',
    what: 'A list of prefixes holds 0.0.0.0/0 or ::/0.',
    means:
      'Every address counts as one of the list. As a network, traffic is all internal and nothing is judged.',
    do: 'List the prefixes that are really meant.',
  },
  {
    code: 'config-hostgroup-outside',
    what: 'A prefix of a hostgroup lies outside all watched networks.',
    means: 'It can never match: its hosts are not counted.',
    do: 'Add the prefix to networks, or correct it.',
  },
  {
    code: 'config-no-limit',
    what: 'Hosts are to be judged, but there is no limit to judge them by.',
    means: 'Their attacks are not found.',
    do: 'Set a limit, or say enableBan: false.',
  },
  {
    code: 'config-limit-without-counter',
    what: 'A limit stands for something that is not counted.',
    means: 'It can never be crossed.',
    do: 'Switch the counting on (traffic.flows, traffic.incoming, traffic.outgoing), or remove the limit.',
  },
  {
    code: 'config-announcement',
    what: 'An announcement by BGP is configured in part.',
    means: 'Nothing would be announced, so the configuration is refused.',
    do: 'Give the announcement a nextHop, and ExaBGP its pipe.',
  },
  {
    code: 'config-announcement-kept-back',
    what: 'Whole networks are to be announced that hold whitelisted or management prefixes.',
    means: 'The guardrails keep these announcements back. Hosts are announced all the same.',
    do: 'List the rest of the network as networks of its own, or announce hosts.',
  },
  {
    code: 'config-playbook',
    what: 'A playbook could not be followed: a step that the guardrails or the enforcers would refuse, that nothing leads to, or a name that is not there.',
    means:
      'An error refuses the configuration, so that it is not found out during an attack. A warning names a part that does nothing.',
    do: 'Do what the line below the problem says; docs/operate/playbooks.md has playbooks to begin with.',
  },
  {
    code: 'config-protection',
    what: 'A protection profile could not be carried out, or would protect nobody.',
    means:
      'An error refuses the configuration, so that it is not found out during an attack. A warning names what is left out, or that there is no general protection.',
    do: 'Do what the line below the problem says; docs/operate/protection.md has a profile to begin with.',
  },
  {
    code: 'config-safelist',
    what: 'The safelist covers a whole watched network.',
    means: 'Attacks on that network are reported, and nothing is ever done about them.',
    do: 'Narrow the safelist, or take the network out of networks.',
  },
  {
    code: 'config-whitelist-covers',
    what: 'The whitelist covers a whole watched network.',
    means: 'No host of that network is ever banned.',
    do: 'Narrow the whitelist, or take the network out of networks.',
  },
  {
    code: 'config-hostgroup-parent',
    what: 'The parent of a hostgroup is none: it does not exist, leads back to the group, or nothing is inherited.',
    means: REFUSED,
    do: 'Name another hostgroup as parent, or leave parent out to inherit the general limits.',
  },
  {
    code: 'config-exempt-covers',
    what: 'whitelistSources covers a whole watched network.',
    means: 'All traffic of that network is left out of counting, so no attack on it is found.',
    do: 'List remote addresses there; networks that are never to be banned belong under whitelist.',
  },
  {
    code: 'config-limit-absurd',
    what: 'A limit is so high that nothing can cross it.',
    means: 'There is no limit in effect. Mostly bits or kilobits were written where Mbit/s are meant.',
    do: 'Write Mbit/s (10^6 bits), or remove the limit.',
  },
  {
    code: 'config-script-interpreter',
    what: 'The notify script cannot be executed as it is: it does not say by what, or what it says is not there.',
    means:
      'Attacks are found and shown; each call of the script fails. FastNetMon calls it through a shell, which hides this.',
    do: 'Begin the script with a line such as #!/bin/sh that ends in LF, not in CR LF.',
  },
  {
    code: 'config-store',
    what: 'store.postgres does not say in exactly one way where the database is, or its address holds a password.',
    means: REFUSED,
    do: 'Give one of url, urlFile and urlEnv; an address with a password belongs into a file that only the user of Floodwarden may read (urlFile) or into an environment variable (urlEnv).',
  },
  {
    code: 'config-api-open',
    what: 'Nobody would say who he is (api.access.mode none) where other machines reach the API.',
    means: REFUSED,
    do: 'Choose another mode, or listen on a loopback address.',
  },
  {
    code: 'config-api-tls',
    what: 'Client certificates alone are to count and nothing asks for them, or a file of api.tls cannot be read or is readable by too many.',
    means: `Without an authority: ${REFUSED} A file that cannot be read keeps the API from listening on the network until it can.`,
    do: 'Give certificate, key and clientAuthority, readable by the user of Floodwarden, the key by nobody else.',
  },
  {
    code: 'config-api-plain',
    what: 'The API is reached by other machines without TLS.',
    means: 'Tokens, passwords and sessions can be read on the way, and used by whoever reads them.',
    do: 'Set api.tls, or listen on a loopback address behind a proxy that speaks TLS.',
  },
  {
    code: 'config-webhook',
    what: 'Somebody is to be told of alerts and cannot be, because a secret cannot be read or an address is not possible.',
    means:
      'Attacks are found and acted on as ever, and the others are told; the message says what is missing.',
    do: 'Let this user read the file, set the variable, or correct the address; what is inside goes into outgoing.allow.',
  },
  {
    code: 'config-notify',
    what: 'A destination of notify.destinations cannot be told: a secret or certificate cannot be read, an address is not possible, or there is no mail server.',
    means:
      'Attacks are found and acted on as ever, and the others are told; the message says what is missing.',
    do: 'Let this user read the file, set the variable, or correct the address; what is inside goes into outgoing.allow.',
  },
  {
    code: 'config-notify-name',
    what: 'A route or destination names a destination, template, customer or hostgroup that is not there.',
    means: `A destination or template that is not there: ${REFUSED} A customer or hostgroup: the route fits nothing.`,
    do: 'Correct the name, or add what it names.',
  },
  {
    code: 'config-template',
    what: 'A template of notify.templates names what is not there, or does not end what it begins.',
    means: REFUSED,
    do: 'The message says where in the text; docs/operate/notifications.md lists all names and filters.',
  },
  {
    code: 'config-mail',
    what: 'Mails are switched on and cannot be sent as they are set, or their password is not safe.',
    means: 'Attacks are found and acted on as ever; the message says what is missing.',
    do: 'Name recipients, a password file that this user may read, and tls: starttls.',
  },
  {
    code: 'config-export',
    what: 'Numbers for ClickHouse, OpenTelemetry or Prometheus cannot be sent as they are set, or a secret among them is not safe.',
    means: 'Detection goes on as ever; the message says what will not arrive, or who could read along.',
    do: 'Name the HTTP port of ClickHouse (8123) and the whole path of the collector, use TLS, and let this user read the files.',
  },
  {
    code: 'config-script-missing',
    what: 'The notify script does not exist or is no regular file.',
    means: 'Attacks are found and shown; each call of the script fails until the file is there.',
    do: 'Put the script in place, or correct the path.',
  },
  {
    code: 'config-script-not-executable',
    what: 'The notify script may not be executed.',
    means: 'Attacks are found and shown; each call of the script fails.',
    do: 'chmod +x the script.',
  },
  {
    code: 'config-script-writable',
    what: 'Everybody on this machine may change the notify script.',
    means: 'Whoever changes it runs programs with the rights of Floodwarden.',
    do: 'chmod o-w the script.',
  },
  {
    code: 'config-no-own-address',
    what: 'The networks are the own addresses of this machine, and it has none besides loopback and link-local ones.',
    means: 'Nothing is watched.',
    do: 'List the prefixes under networks.',
  },
] as const satisfies readonly CatalogueEntry[]

export type ConfigErrorCode = (typeof ERRORS)[number]['code']
