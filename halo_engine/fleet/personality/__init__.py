"""The personality engine: a few numbers and a word of context become an instance's CLAUDE.md.

>>> composer(workspace).compose(profile(workspace, "dad"), instance="dad")
"""
