"""What a server says instead of an answer, in plain words: what is wrong, and what to do about it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec import Struct

from halo_engine.errors import HaloError, NotAllowed, Unavailable

CHECK_URL = "check llm.base_url in halo.yaml"
PASSING = frozenset({408, 409, 429})
"""Refusals that may be gone when it is asked again; so are all from 500 on."""
STATUSES = {
    "api_error": 500,
    "authentication_error": 401,
    "billing_error": 402,
    "invalid_request_error": 400,
    "not_found_error": 404,
    "overloaded_error": 529,
    "permission_error": 403,
    "rate_limit_error": 429,
    "request_too_large": 413,
    "timeout_error": 504,
}
"""What an error inside an answer means: after a status of 200 there is no other."""
LONGEST = 500
"""Characters of a reason that are told."""


class Refusal(Struct, frozen=True):
    """A server's no. `why`: its reason, without secrets."""

    status: int
    kind: str
    why: str
    headers: Mapping[str, str] = {}

    @property
    def passing(self) -> bool:
        """Whether it may be otherwise when asked again."""
        advice = self.headers.get("x-should-retry")
        return advice != "false" and (advice == "true" or self.status in PASSING or self.status >= 500)

    @property
    def wait(self) -> float | None:
        """Seconds that the server asks to wait; None for nothing said, and for a date: clocks differ."""
        thousandths = _number(self.headers.get("retry-after-ms"))
        return _number(self.headers.get("retry-after")) if thousandths is None else thousandths / 1000

    def problem(self, model: str) -> HaloError:
        """The refusal as an error, with what to do."""
        words, hint = self._words(model)
        kind = f" {self.kind}" if self.kind else ""
        message = f"the language model {words} ({self.status}{kind}): {self.why[:LONGEST] or 'no reason given'}"
        return Unavailable(message, hint) if self.passing else NotAllowed(message, hint)

    def _words(self, model: str) -> tuple[str, str]:
        match self.status:
            case 401 | 403:
                return "refuses the key", "check llm.api_key in halo.yaml"
            case 402:
                return "wants to be paid first", "check the billing of its account"
            case 404:
                return f"has no model {model} there", f"check llm.model; {CHECK_URL}"
            case 413:
                return "refuses the request as too large", "send less"
            case 429:
                return "has had too many requests", f"try again in {self.wait:g} s" if self.wait else "try again later"
            case status if status >= 500 or status in PASSING:
                return "is out of order", "try again later"
            case _:
                return "refuses the request", f"check llm.model; {CHECK_URL}"


def _number(text: str | None) -> float | None:
    return float(text) if text and re.fullmatch(r"\d{1,9}(\.\d+)?", text.strip(), re.ASCII) else None
