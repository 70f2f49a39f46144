#!/usr/bin/env python3
"""Reads the report as a grammar: which line may follow which, and what stands in it. Anything else is an error."""
import re
import sys

ADDRESS = r'[0-9a-f.:]{3,39}'
ENDPOINT = rf'(?:{ADDRESS}|\[{ADDRESS}\]):\d{{1,5}}'
NUMBER = r'\d+'
SIDES = ('incoming', 'outgoing')


def counters():
    yield rf'IP: ({ADDRESS})'
    yield r'Attack type: (syn_flood|udp_flood|icmp_flood|ip_fragmentation|unknown)'
    for power in ('Initial', 'Peak'):
        yield rf'{power} attack power: ({NUMBER}) packets per second'
    yield r'Attack direction: (incoming|outgoing|other)'
    yield r'Attack protocol: (tcp|udp|icmp|unknown)'
    for name in ('Total', 'Average'):
        for what, unit in (('traffic', 'mbps'), ('pps', 'packets per second'), ('flows', 'flows per second')):
            for side in SIDES:
                yield rf'{name} {side} {what}: ({NUMBER}) {unit}'
    for part in ('ip fragmented', 'tcp', 'syn tcp', 'udp', 'icmp'):
        for what, unit in (('traffic', 'mbps'), ('pps', 'packets per second')):
            for side in SIDES:
                yield rf'{side.capitalize()} {part} {what}: ({NUMBER}) {unit}'
    yield r''
    for side in SIDES:
        yield rf'Average packet size for {side} traffic: (\d+\.\d) bytes '


FLOW = re.compile(rf'{ENDPOINT} [<>] {ENDPOINT} \d+ bytes \d+ packets')
PACKET = re.compile(
    rf'\d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{{6}} {ENDPOINT} > {ENDPOINT} protocol: [a-z0-9-]+ '
    rf'(?:flags: (?:-|(?:fin|syn|rst|psh|ack|urg)(?:,(?:fin|syn|rst|psh|ack|urg))*) )?'
    rf'frag: [01]  packets: 1 size: \d+ bytes ttl: \d+ sample ratio: \d+  '
)


def fail(number, line, wanted):
    sys.exit(f'line {number}: unknown line {line!r}, expected {wanted}')


def flows(lines, number):
    """Sections of flows: a direction and an empty line, then a protocol with its flows and an empty line, repeated."""
    while lines:
        if lines[0] in ('Incoming', 'Outgoing'):
            if len(lines) < 2 or lines[1] != '':
                fail(number + 1, lines[1:2], 'an empty line')
            lines, number = lines[2:], number + 2
        heading = re.fullmatch(r'(?:TCP|UDP) flows: (\d+)', lines[0]) if lines else None
        if heading is None:
            fail(number, lines[:1], 'a heading of flows')
        lines, number, shown = lines[1:], number + 1, 0
        while lines and FLOW.fullmatch(lines[0]):
            lines, number, shown = lines[1:], number + 1, shown + 1
        if lines and lines[0] == 'Flows have cropped due to very long list.':
            lines, number = lines[1:], number + 1
        elif shown < int(heading.group(1)):
            fail(number, lines[:1], f'{heading.group(1)} flows, or that they were cropped, after {shown}')
        if not lines or lines[0] != '':
            fail(number, lines[:1], 'an empty line')
        lines, number = lines[1:], number + 1


def main():
    _ip, direction, power, action = sys.argv[1:]
    if direction not in ('incoming', 'outgoing', 'other') or not power.isdigit():
        sys.exit(f'unknown arguments {sys.argv[1:]}')
    if action == 'unban':
        return
    if action not in ('ban', 'attack_details'):
        sys.exit(f'unknown action {action}')
    text = sys.stdin.read()
    lines = text.split('\n')
    for number, wanted in enumerate(counters(), 1):
        if not lines or re.fullmatch(wanted, lines[0]) is None:
            fail(number, lines[:1], wanted)
        lines = lines[1:]
    if lines in ([''], ['manually triggered attack']):
        return
    if lines[-1] != '':
        fail(len(text.split('\n')), lines[-1:], 'the end of a line')
    lines = lines[:-1]
    if action == 'ban':
        flows(lines, number + 1)
        return
    if lines[:2] != ['', '']:
        fail(number + 1, lines[:2], 'two empty lines')
    for at, line in enumerate(lines[2:]):
        if PACKET.fullmatch(line) is None:
            fail(number + 3 + at, line, 'a packet')


main()
