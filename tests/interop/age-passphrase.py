# Gives Debian's age its passphrase, which it reads from a terminal only: age-passphrase.py PASSPHRASE AGE-ARGUMENT...
import os
import pty
import sys

passphrase, arguments = sys.argv[1], sys.argv[2:]
child, terminal = pty.fork()
if child == 0:
    os.execvp("age", ["age", *arguments])

said = b""
while True:
    try:
        said += os.read(terminal, 1024)
    except OSError:  # how Linux says that the other end is closed
        break
    # "Enter passphrase:", and when it seals also "Confirm passphrase:"
    if said.rstrip().endswith(b":"):
        os.write(terminal, passphrase.encode() + b"\n")
        said = b""
status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
if status != 0:
    sys.exit(f"age {' '.join(arguments)}: {said.decode()}")
