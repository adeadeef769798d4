"""The workstation: a full-screen view of everything Halo does. It holds no logic; every action is a command.

$ halo-tui
"""
