"""Structured logs of any size: searched, followed, counted, exported. Queries know the record, never the format.

$ logctl search --level error --since 1h
"""
