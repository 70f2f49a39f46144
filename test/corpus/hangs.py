#!/usr/bin/env python3
"""Waits for ever for an answer that does not come, with a child that waits too; with CORPUS_DEAF both are deaf to polite requests."""
import os
import signal
import subprocess

if os.environ.get('CORPUS_DEAF'):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
subprocess.run(['sleep', '1000'], check=False)
while True:
    signal.pause()
