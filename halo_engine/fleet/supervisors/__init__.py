"""Who starts an instance, starts it again when it ends, and stops it with everything that it started.

>>> supervisor_of(instance).start(workspace, instance)
"""
