"""Programs of others that tests run for real: where they are, and how a test says that one is missing."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

NPM = Path(__file__).parents[1] / "build" / "npm" / "node_modules"


def npm(package: str) -> pytest.MarkDecorator:
    """What needs a package that `make peers` installs."""
    there = (NPM / package).is_dir() and shutil.which("node") is not None
    return pytest.mark.skipif(not there, reason=f"needs {package} (make peers; it takes npm)")


needs_docker = pytest.mark.skipif(
    not all(map(shutil.which, ("dockerd", "docker", "busybox"))),
    reason="needs dockerd and a static busybox (apt install docker.io busybox-static), and root",
)


class Docker:
    """A daemon of our own: no network, no bridge, its files below one folder."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.root = [] if os.getuid() == 0 else ["sudo", "-n"]
        self.socket = f"unix://{home}/docker.sock"

    def __call__(self, *words: str) -> str:
        """Run the client; what it says on stdout."""
        command = [*self.root, "docker", "-H", self.socket, *words]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout.strip()

    def start(self) -> subprocess.Popen[bytes]:
        flags = {
            "-H": self.socket,
            "--data-root": self.home / "data",
            "--exec-root": self.home / "exec",
            "--pidfile": self.home / "pid",
            "--iptables": "false",
            "--bridge": "none",
            "--storage-driver": "vfs",
        }
        words = [f"{name}={value}" if name != "-H" else f"-H={value}" for name, value in flags.items()]
        with (self.home / "said").open("wb") as said:
            daemon = subprocess.Popen([*self.root, "dockerd", *words], stdout=said, stderr=said)
        for _ in range(300):
            if daemon.poll() is not None or self._answers():
                break
            time.sleep(0.1)
        if daemon.poll() is not None:
            pytest.skip(f"dockerd does not run here: {(self.home / 'said').read_text()[-300:]}")
        return daemon

    def _answers(self) -> bool:
        command = [*self.root, "docker", "-H", self.socket, "version"]
        return subprocess.run(command, capture_output=True, check=False, timeout=30).returncode == 0

    def image(self, name: str, **scripts: str) -> None:
        """An image with busybox and some scripts in `/bin`."""
        tree = self.home / name
        (tree / "bin").mkdir(parents=True)
        shutil.copy(str(shutil.which("busybox")), tree / "bin" / "busybox")
        for script, text in scripts.items():
            (tree / "bin" / script).write_text(text)
        subprocess.run(["tar", "-C", str(tree), "-cf", str(tree) + ".tar", "."], check=True)
        self("import", str(tree) + ".tar", name)

    def logs(self, container: str, to: Path) -> Path:
        """A copy of a container's log files, which belong to root; returns the newest."""
        place = Path(self("inspect", "-f", "{{.LogPath}}", container))
        subprocess.run([*self.root, "cp", "-rT", str(place.parent), str(to)], check=True)
        subprocess.run([*self.root, "chmod", "-R", "a+rX", str(to)], check=True)
        return to / place.name

    def stop(self, daemon: subprocess.Popen[bytes]) -> None:
        subprocess.run([*self.root, "kill", (self.home / "pid").read_text().strip()], check=False)
        daemon.wait(30)
        subprocess.run([*self.root, "rm", "-rf", str(self.home)], check=False)


@contextmanager
def docker() -> Generator[Docker]:
    """A daemon for the length of a test."""
    made = Docker(Path(tempfile.mkdtemp(prefix="halo-dockerd-", dir="/tmp")))
    daemon = made.start()
    try:
        yield made
    finally:
        made.stop(daemon)
