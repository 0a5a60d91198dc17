"""The references: what a careful researcher writes without serflow, as plainly as possible."""
