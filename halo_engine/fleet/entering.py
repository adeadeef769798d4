"""The last look at mounts, from within: is what was mounted what was checked? Only then the instance's command begins.

It stands before the command of every instance with mounts, whoever mounts them. Only light modules are imported.
"""

from __future__ import annotations

import os
import sys

from halo_engine.errors import NotAllowed

UNFOLLOWED = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def main() -> None:
    """Arguments: `NAME=DEVICE:INODE:ro` for each mount, `--`, the command. The instance's folder is the present one."""
    cut = sys.argv.index("--")
    root = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    faults = [found for each in sys.argv[1:cut] if (found := fault(each, root))]
    if faults:
        os.write(2, f"error: {'; '.join(faults)}: it was not started\n".encode())
        sys.exit(NotAllowed.exit_code)
    command = sys.argv[cut + 1 :]
    os.execvp(command[0], command)  # noqa: S606 (becomes what the operator's prime says, as any supervisor would)


def fault(witness: str, root: int) -> str:
    """What is wrong with a mount below an instance's folder, a descriptor; in words, empty when nothing is."""
    name, _, rest = witness.partition("=")
    device, inode, mode = rest.split(":")
    place = f"mounts/{name}"
    try:
        above = os.open("mounts", UNFOLLOWED, dir_fd=root)
        try:
            found = os.open(name, UNFOLLOWED, dir_fd=above)
        finally:
            os.close(above)
    except OSError as error:
        return f"{place} is not mounted: {error.strerror}"
    try:
        status, flags = os.fstat(found), os.fstatvfs(found).f_flag
    finally:
        os.close(found)
    if (status.st_dev, status.st_ino) != (int(device), int(inode)):
        return f"{place} is another folder than the one that was checked"
    if mode == "ro" and not flags & os.ST_RDONLY:
        return f"{place} is not read-only"
    return ""
