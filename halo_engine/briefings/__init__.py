"""The morning's message: what matters today, from every module, in one page, and sent to where the operator reads it.

>>> generate(workspace, date(2026, 11, 21)).prose
"""
