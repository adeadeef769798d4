"""A schedule in plain words."""

from __future__ import annotations

from halo_engine.cron.expression import ALIASES, parse


def describe(text: str) -> str:
    """`30 2 * * mon-fri` -> `At 02:30, Monday through Friday`.

    Raises BadSchedule.
    """
    expression = parse(text)
    from cron_descriptor import CasingTypeEnum, Options, get_description

    options = Options()
    options.use_24hour_time_format = True
    options.casing_type = CasingTypeEnum.Sentence
    fields = ALIASES.get(text.strip(), text).split()
    words = str(get_description(" ".join(fields), options))
    if fields[2] == "*" or fields[4] == "*":
        return words
    if expression.both:
        return words.replace(", or on ", ", and on ") + " (where both hold)"
    return f"{words} (where either holds)"
