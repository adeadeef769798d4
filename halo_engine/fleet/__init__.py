"""The fleet: provision, govern, verify and retire the assistants that other people talk to.

$ halctl create --name dad --personality dad
"""
