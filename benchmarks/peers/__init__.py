"""What Halo is measured against, as small as the job allows."""
