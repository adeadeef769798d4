"""Days and weeks in figures: each measure beside the period before, for reading, archiving and working on.

>>> report(workspace, weeks(date(2026, 11, 21), zone)).rows
"""
