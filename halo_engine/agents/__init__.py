"""agentctl: what the coding agents did, what it cost, and whether one is stuck.

>>> agentctl sessions --since 7d
"""
