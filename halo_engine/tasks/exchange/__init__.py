"""Items in and out: our own JSON Lines without loss, and Taskwarrior's export.

$ task export | nightctl import -
"""
