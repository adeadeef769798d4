"""Screens: panes side by side, and what they tell each other."""
