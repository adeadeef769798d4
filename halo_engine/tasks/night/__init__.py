"""Running what is due: the window, the lease, the execution, the outcome, and picking up after a runner that died.

$ nightctl run --watch
"""
