"""Talking to an instance that runs: the line to it, a conversation over it, and whether it answers at all.

$ halctl talk dad; halctl send dad "Good morning" --wait
"""
