"""The rules, in the order in which a verdict names them."""

from halo_engine.agents.spin.rules.base import Finding, Rule
from halo_engine.agents.spin.rules.edits import Undone
from halo_engine.agents.spin.rules.errors import Failing, Fruitless, SameError
from halo_engine.agents.spin.rules.looks import Exploring, IdleTokens, Reread, Verifying
from halo_engine.agents.spin.rules.parroting import Parroting
from halo_engine.agents.spin.rules.plans import Redelegate, Replan
from halo_engine.agents.spin.rules.repeats import Cycle, Repeat
from halo_engine.agents.spin.rules.stalled import Stalled
from halo_engine.agents.spin.rules.texts import AskedAgain, Looping, Monologue, Musing
from halo_engine.agents.spin.rules.unheeded import Unheeded

RULES: tuple[type[Rule], ...] = (
    Repeat,
    Cycle,
    SameError,
    Failing,
    Fruitless,
    Reread,
    Redelegate,
    Replan,
    Undone,
    Looping,
    Monologue,
    Musing,
    AskedAgain,
    Unheeded,
    Parroting,
    Exploring,
    Verifying,
    IdleTokens,
    Stalled,
)
NAMES = tuple(rule.name for rule in RULES)

__all__ = ["NAMES", "RULES", "Finding", "Rule", "Stalled"]
