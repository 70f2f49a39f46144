#!/usr/bin/env python3
"""Reads the first line, closes the rest, and goes on for a moment."""
import os
import sys
import time

ip, _direction, _power, action = sys.argv[1:]
first = sys.stdin.readline().strip()
os.close(0)
time.sleep(0.2)
with open(os.path.join(os.environ['CORPUS_OUT'], f'{ip}.first'), 'a', encoding='utf-8') as out:
    out.write(f'{action} {first}\n')
