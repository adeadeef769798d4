"""Backups of one instance, made while it runs, and brought back into its place.

$ halctl backup dad; halctl restore dad
"""
