"""Fifteen checks of one instance: the list is data, `running.smoke` runs it, `health` runs the quick ones on the fleet.

$ halctl smoke dad
"""
