"""Work items: tasks for people, jobs for the night, agent-jobs for agents. 13 states, every change an event.

$ nightctl add "Fix deployment script" --kind task
"""
