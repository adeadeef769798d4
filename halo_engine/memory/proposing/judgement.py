"""How likely a link is, from its evidence: two logistic regressions, one for pairs of which one names the other and one
for pairs that are only alike.

    p = 1 / (1 + exp(-(constant + sum of weight * column)))

The weights were fitted on ten public vaults whose links had been removed, with the link's text left in place and
without it (which counted half). They are rounded, and were checked by leaving each vault out of the fit in turn. On
vaults with many hubs or generated notes the score promises too much; its order still holds.
"""

from __future__ import annotations

import math

from halo_engine.memory.proposing.evidence import Evidence

NEAR = 0.75
"""Cosine (its root) from which texts are copies of each other rather than neighbours."""
MENTIONED = {
    "constant": -4.03,
    "cosine": 2.99,
    "near": -3.77,
    "rank": 0.46,
    "title": -0.75,
    "cover": 0.84,
    "inside": 0.37,
    "parent": 1.25,
    "tags": -0.05,
    "folder": 1.59,
    "sequence": 0.04,
    "alternate": -3.0,
    "one word": -0.95,
    "two words": -0.19,
    "rarity": 1.68,
    "ambiguity": -0.46,
    "mutual": 1.14,
    "exact": 1.19,
    "marked": 0.30,
    "plain": 0.24,
    "own": 0.73,
    "alone": 0.52,
    "count": 0.23,
    "date": 0.53,
    "short": -0.11,
}
ALIKE = {
    "constant": -5.00,
    "cosine": 2.24,
    "near": -9.03,
    "rank": 1.53,
    "title": -0.26,
    "cover": 1.46,
    "inside": 0.03,
    "parent": 1.55,
    "tags": 1.26,
    "folder": 1.22,
    "sequence": 0.31,
    "alternate": -3.0,
}


def score(evidence: Evidence) -> float:
    """0 to 1."""
    weights = MENTIONED if evidence.mention else ALIKE
    sum_ = sum(weights[name] * value for name, value in columns(evidence).items())
    return 1 / (1 + math.exp(-sum_))


def columns(evidence: Evidence) -> dict[str, float]:
    """What the weights are for."""
    found = {
        "constant": 1.0,
        "cosine": evidence.cosine,
        "near": max(0.0, evidence.cosine - NEAR),
        "rank": evidence.rank,
        "title": evidence.title,
        "cover": evidence.cover,
        "inside": float(evidence.inside),
        "parent": float(evidence.parent),
        "tags": min(evidence.tags, 2.0),
        "folder": evidence.folder,
        "sequence": float(evidence.sequence),
        "alternate": float(evidence.alternate),
    }
    mention = evidence.mention
    if mention is None:
        return found
    return found | {
        "one word": float(mention.words == 1),
        "two words": float(mention.words == 2),
        "rarity": evidence.rarity,
        "ambiguity": evidence.ambiguity,
        "mutual": float(evidence.mutual),
        "exact": float(mention.exact),
        "marked": float(mention.marked),
        "plain": float(mention.plain),
        "own": float(mention.own),
        "alone": mention.alone,
        "count": math.log(mention.count),
        "date": float(mention.date),
        "short": float(mention.short),
    }


def reason(evidence: Evidence) -> str:
    """Why, in words for a person."""
    said = []
    if evidence.mention:
        said.append(f"mentions “{evidence.mention.name}”" + (" and is mentioned" if evidence.mutual else ""))
    if evidence.cosine > 0.25:
        said.append(f"alike {evidence.cosine**2:.2f}")
    if evidence.cover > 0.5 and not evidence.mention:
        said.append("title in the text")
    if evidence.tags > 0.2:
        said.append("shared tags or entities")
    if evidence.title > 0.3:
        said.append("alike titles")
    if evidence.folder > 0.3:
        said.append("same folder")
    if evidence.parent:
        said.append("one is the note of the other's folder")
    if evidence.sequence:
        said.append("next in a series")
    return "; ".join(said) or "a little alike"
