"""How a person becomes a user: first contact, terms, waiver, questions, tutorial; declining, withdrawing, coming back.

One history a person, whichever instances they talk to.

>>> hear(workspace, "telegram:812", "hello", instance="dad").say
"""
