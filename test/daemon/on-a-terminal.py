# Runs a command on a terminal of its own. Keys come on standard input, what is drawn goes to standard output.
# Arguments: columns, rows, the size after SIGUSR1 (columns, rows), command. At the end a line tells how it ended.
import fcntl, os, pty, select, signal, struct, sys, termios

columns, rows, later_columns, later_rows = map(int, sys.argv[1:5])
main, other = pty.openpty()


def resize(wide, high):
    fcntl.ioctl(main, termios.TIOCSWINSZ, struct.pack("HHHH", high, wide, 0, 0))


resize(columns, rows)
before = termios.tcgetattr(other)
child = os.fork()
if child == 0:
    os.setsid()
    fcntl.ioctl(other, termios.TIOCSCTTY, 0)
    for number in (0, 1, 2):
        os.dup2(other, number)
    os.closerange(3, 64)
    os.execvp(sys.argv[5], sys.argv[5:])


def larger(*_):
    resize(later_columns, later_rows)
    os.kill(child, signal.SIGWINCH)


signal.signal(signal.SIGUSR1, larger)
signal.signal(signal.SIGTERM, lambda *_: os.kill(child, signal.SIGTERM))
inputs = [0, main]
status = None
while True:
    ready = select.select(inputs, [], [], 0.05)[0]
    if main in ready:
        os.write(1, os.read(main, 65536))
    if 0 in ready:
        keys = os.read(0, 1024)
        if keys:
            os.write(main, keys)
        else:
            inputs.remove(0)
    if status is None:
        ended, code = os.waitpid(child, os.WNOHANG)
        if ended:
            status = os.waitstatus_to_exitcode(code)
    elif main not in ready:
        break
restored = termios.tcgetattr(other) == before
os.write(1, f"\nended {status} {'restored' if restored else 'left raw'}\n".encode())
