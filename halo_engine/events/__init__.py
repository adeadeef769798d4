"""The event log and the projections: the history that everything else is derived from.

$ halo-engine events tail
"""
