"""An instance's files: trees that are copied and removed without following a link, what of them is governed, archives.

>>> governance.drift(place.root, primes.read(place.root), record.files)
"""
