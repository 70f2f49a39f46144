#!/usr/bin/env python3
"""Looks up the host in the screen file and in the file of its attack, as dashboards and archivers do."""
import glob
import os
import re
import sys
import time

ip, direction, _power, action = sys.argv[1:]
sys.stdin.read()
if action != 'attack_details':
    sys.exit(0)

ROW = re.compile(rf'^{re.escape(ip)}\t+ *(\d+) pps +\d+ mbps +\d+ flows  \*banned\* $', re.M)
BAN = re.compile(rf'^{re.escape(ip)}/\d+ pps {direction} at \d\d_\d\d_\d\d_\d\d:\d\d:\d\d$', re.M)
NAME = re.compile(r'_\d\d_\d\d_\d\d_\d\d:\d\d:\d\d\.txt$')


def until(found, what):
    """Both are written by others, a moment after the call at most."""
    for _ in range(30):
        value = found()
        if value:
            return value
        time.sleep(0.1)
    sys.exit(f'{what} of {ip} was not found')


def screen(pattern):
    with open(os.environ['CORPUS_SCREEN'], encoding='utf-8') as file:
        return pattern.search(file.read())


def attack_file():
    for path in glob.glob(os.path.join(os.environ['CORPUS_ATTACKS'], f'{ip}_*.txt')):
        with open(path, encoding='utf-8') as file:
            text = file.read()
        if NAME.search(path) and text.startswith(f'IP: {ip}\n') and text.count('Attack type: ') == 2:
            return text
    return None


until(lambda: screen(ROW), 'the row on the screen')
until(lambda: screen(BAN), 'the ban on the screen')
until(attack_file, 'the file with both reports')
