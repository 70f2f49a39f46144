#!/usr/bin/python3
"""Copies the lines that come through a named pipe to ExaBGP, which runs this as a process of its `api`.

  exabgp-pipe.py /var/run/exabgp.cmd

The pipe is made when it is not there. It is opened for both ways, so that whoever writes may come and go. It ends with
ExaBGP, that is when its own standard input does: who stays behind takes lines from the reader that comes next. What ExaBGP
answers is read and dropped, so that ExaBGP never waits for it.
"""

import os
import select
import sys

if len(sys.argv) != 2:
    sys.exit("usage: exabgp-pipe.py PIPE")
pipe = sys.argv[1]
if not os.path.exists(pipe):
    os.mkfifo(pipe, 0o600)
lines = os.open(pipe, os.O_RDWR)
while True:
    ready = select.select([lines, 0], [], [])[0]
    if 0 in ready and not os.read(0, 65536):
        break
    if lines in ready:
        os.write(1, os.read(lines, 65536))
