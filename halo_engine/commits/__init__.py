"""Commits of the git repositories that `repositories` in halo.yaml names, for briefings and reports.

>>> commits(workspace, since, until)
"""
