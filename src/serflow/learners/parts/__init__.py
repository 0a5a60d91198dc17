"""What learners are made of: kernels, voting, text, hidden vectors; no YAML names them."""
