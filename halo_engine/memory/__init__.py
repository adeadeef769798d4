"""Structured memory: one claim a note, a markdown file each; links between them, search, decay, pruning.

>>> commands.new(workspace, Draft("Ben prefers plain text emails", type="preference", tags=("ben",)))
"""
