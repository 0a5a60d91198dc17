"""serflow as it is installed: a wheel of this checkout, in an environment and a folder that know nothing of it."""
