"""Panes: each shows one thing and says which keys it takes."""
