"""Spin detection: work that takes tokens and changes nothing, told from work that merely looks repetitive.

>>> detector = Detector(SpinSettings())
>>> for record in records:
...     detector.feed(record)
>>> detector.verdict().flagged
"""
