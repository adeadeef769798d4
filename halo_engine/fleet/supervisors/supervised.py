"""The supervisor's files in an instance's folder, locked like what is governed: an operator may install what they say.

No supervisor of ours starts from them: what is started is written anew each time, where the instance cannot reach.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from halo_engine.fleet.events import InstanceSupervised
from halo_engine.fleet.files import governance
from halo_engine.fleet.instance import folder
from halo_engine.fleet.recording import Recording
from halo_engine.fleet.supervisors.supervisor import supervisor_of
from halo_engine.workspace import replace, writing


def write(record: Recording) -> list[str]:
    """Make them as FLEET.yaml has the instance now, locked, and keep their hashes; returns their names.

    Nothing is done when they are so already.
    """
    root, texts = folder(record.workspace, record.instance), _texts(record)
    if governance.held(root, _hashes(texts)):
        with governance.unsealed(root), writing(root):
            for name, text in texts.items():
                replace(root / name, text)
                (root / name).chmod(governance.FILE)
    if record.record.supervised != _hashes(texts):
        record.append("fleet.instance.supervised", InstanceSupervised(_hashes(texts)))
    return sorted(texts)


def refresh(record: Recording) -> None:
    """The same for an instance whose entry may have changed, also after a `write` that was cut short.

    Files that were meddled with are left as they are: that is drift, and a push that accepts it puts them right.
    """
    root = folder(record.workspace, record.instance)
    if not governance.held(root, record.record.supervised) or not governance.held(root, _hashes(_texts(record))):
        write(record)


def _texts(record: Recording) -> Mapping[str, str]:
    return supervisor_of(record.instance).files(record.workspace, record.instance)


def _hashes(texts: Mapping[str, str]) -> dict[str, str]:
    return {name: hashlib.sha256(text.encode()).hexdigest() for name, text in texts.items()}
