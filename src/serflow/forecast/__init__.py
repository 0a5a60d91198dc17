"""What `serflow plan` and `serflow systems` say: jobs, hours, disk and parameters of a plan."""
