"""Running a command under a lease: who holds it, the command under way, and how it ended.

>>> result = Execution(order).run()
"""
