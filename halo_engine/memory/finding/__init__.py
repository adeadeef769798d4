"""Search: what a query asks for, which notes have its words, and in which order they are shown.

>>> search.search(workspace, search.Search("when did Caroline go camping?"))
"""
