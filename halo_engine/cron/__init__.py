"""Jobs that run by the clock: as Debian's cron would run them, each once, their ends in the event log.

$ cronctl add backup --schedule "30 2 * * *" --command "restic backup ~"
"""
