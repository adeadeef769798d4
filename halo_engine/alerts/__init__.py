"""What needs the operator: raised by any module, and one life for all of them.

>>> raise_(workspace, Raising("spin", "8f3c", "41k tokens, nothing changed", severity="warning"))
"""
