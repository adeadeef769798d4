"""What every instance is told: compared and verified, pushed, and taken back when it does not answer with it.

$ halctl push dad --dry-run; halctl push dad; halctl rollback dad
"""
