"""Plans: XML that says what an agent-job will do; checked, written, approved.

$ nightctl plan T-042 --from plan.xml
"""
