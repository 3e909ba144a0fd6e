"""What time brings; one file a job, found by `jobs.registry`."""
