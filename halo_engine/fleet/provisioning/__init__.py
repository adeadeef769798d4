"""Provisioning: eight steps from a name to an assistant that answers, or back to nothing.

>>> create(workspace, Wanted("dad", personality="dad"), tell=print)
"""
