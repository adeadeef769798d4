"""Which links a person would have made: from names that are mentioned, and texts that are alike.

>>> proposals.page(workspace, note="note-42")
"""
