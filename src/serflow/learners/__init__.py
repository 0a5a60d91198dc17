"""What every run trains: one contract (fit, predict, save, load) for networks and classical systems."""
