"""What English does to words that a stemmer does not undo, and words that say nothing about what is looked for."""

from __future__ import annotations

_STOP = """
a about after again all also am an and any are as at be because been before being between both but by can could d did
do does doing don during each few for from further had has have having he her here hers him his how i if in into is it
its itself just ll m me might more most my no nor not now of off on once only or other our ours out over own re s same
she should so some such t than that the their theirs them then there these they this those through to too under until
up ve very was we were what when where which while who whom whose why will with would you your yours
"""
STOP = frozenset(_STOP.split())
"""Stop and question words: bm25 is better without, and large stores are fast."""

_FORMS = """
be been was were|become became|begin began begun|bite bit bitten|blow blew blown|break broke broken|bring brought
build built|buy bought|catch caught|child children|choose chose chosen|come came|deal dealt|dig dug|do did done
draw drew drawn|dream dreamt|drink drank drunk|drive drove driven|eat ate eaten|fall fell fallen|feed fed|feel felt
fight fought|find found|fly flew flown|foot feet|forget forgot forgotten|forgive forgave forgiven|freeze froze frozen
get got gotten|give gave given|go went gone|grow grew grown|hang hung|have had|hear heard|hide hid hidden|hold held
keep kept|know knew known|lead led|learn learnt|leave left|lend lent|lie lay lain|life lives|light lit|lose lost
make made|man men|mean meant|meet met|mouse mice|pay paid|person people|ride rode ridden|ring rang rung
rise rose risen|run ran|say said|see saw seen|seek sought|sell sold|send sent|shake shook shaken|shine shone
shoot shot|show showed shown|shrink shrank shrunk|sing sang sung|sink sank sunk|sit sat|sleep slept|slide slid
speak spoke spoken|spend spent|stand stood|steal stole stolen|stick stuck|strike struck|swear swore sworn
sweep swept|swim swam swum|swing swung|take took taken|teach taught|tear tore torn|tell told|think thought
throw threw thrown|tooth teeth|understand understood|wake woke woken|wear wore worn|wife wives|win won|woman women
write wrote written
"""
IRREGULAR: dict[str, tuple[str, ...]] = {
    word: tuple(forms) for group in _FORMS.replace("\n", "|").split("|") if (forms := group.split()) for word in forms
}
"""A form -> all forms of the same word."""
