"""What a speech recogniser needs beside its network: words as phones, phones as words, error rates."""
