"""Halo's engine: headless, one command for everything that Halo can do.

$ halo-engine status
"""
