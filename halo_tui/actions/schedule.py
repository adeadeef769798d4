"""What can be done on the Schedule screen."""

from __future__ import annotations

from halo_tui.actions.action import Action

GROUPS = {"schedule": "Schedule", "mail": "Mail"}

ACTIONS = (
    Action("schedule.filter", "slash", "filter", "Filter as you type", "filter", "cronctl list"),
    Action(
        "schedule.enable",
        "e",
        "on, off",
        "Let it run by the clock, or no longer",
        "switch",
        "cronctl enable {job}",
        changes=True,
    ),
    Action("schedule.run", "r", "run", "Run it now, as cron would", "run", "cronctl run {job}", changes=True),
    Action(
        "schedule.install", "i", "install", "Put the jobs into the crontab", "install", "cronctl install", changes=True
    ),
    Action(
        "schedule.write",
        "w",
        "write briefing",
        "Write today's briefing",
        "write",
        "hal-briefing generate",
        changes=True,
    ),
    Action("schedule.send", "S", "send briefing", "Send today's briefing", "send", "hal-briefing send", changes=True),
    Action(
        "mail.look",
        "m",
        "look for mail",
        "Look for new mail",
        "look_for_mail",
        "mailctl triage --account all",
        changes=True,
    ),
    Action(
        "mail.accept", "a", "accept", "Do what is proposed", "accept_mail", "mailctl accept {message}", changes=True
    ),
    Action(
        "mail.accept_all",
        "A",
        "accept all",
        "Do all that is proposed",
        "accept_all",
        "mailctl accept --all",
        changes=True,
    ),
    Action(
        "mail.refuse",
        "x",
        "refuse",
        "Leave it; it is not proposed again",
        "refuse_mail",
        "mailctl refuse {message}",
        changes=True,
    ),
    Action("mail.undo", "u", "undo", "Take back what was done", "undo_mail", "mailctl undo {message}", changes=True),
)
