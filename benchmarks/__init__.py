"""Each claim that the README makes about speed, measured beside its peer in the same run.

make bench                              all of it
make bench ARGS="append items --quick"  some of it, smaller
"""
