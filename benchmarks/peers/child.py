"""Run a program; print how long it took and how much memory it held, as JSON.

A process of its own, since the kernel counts a child's memory from what its parent held.
"""

import json
import os
import sys
import time

quiet = [
    (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
    (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
]
start = time.perf_counter()
pid = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ, file_actions=quiet)
_, status, used = os.wait4(pid, 0)
seconds = time.perf_counter() - start
print(json.dumps({"seconds": seconds, "peak": used.ru_maxrss * 1024, "status": os.waitstatus_to_exitcode(status)}))
