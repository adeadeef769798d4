"""Running the workspace itself: making it, asking whether anything is wrong, a sample to try things on.

$ halo-engine status
"""
