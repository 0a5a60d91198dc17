"""Tables, figures and the PDF."""
