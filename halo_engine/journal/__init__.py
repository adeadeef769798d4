"""Dated entries in the operator's own words: written down in a second, found again, read back as a week.

$ halo-engine journal add "Moved ben to the new prompt" --tag fleet --energy 7
"""
