"""Mail: what matters is surfaced, the rest is labelled or archived by rules, and all of it can be taken back.

$ mailctl triage            # says what it would do
$ mailctl triage --execute
"""
