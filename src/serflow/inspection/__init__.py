"""What a trained network attends to, for figures."""
